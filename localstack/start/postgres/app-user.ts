import { openOwner, type Pool } from '../../../publisher/postgres/database.ts';
import { migrate } from '../../../publisher/shops/store/migrate.ts';

/** The database user of the publisher. Users belong to the server, and are the same in all its databases. */
export type AppUser = { name: string; password: string };

/**
 * Migrates the schema as its owner, and makes a user with the rights of doorbell_app only, unless it exists. Returns
 * the URL of that user.
 */
export async function prepareDatabase(adminUrl: string, user: AppUser): Promise<string> {
  const admin = openOwner(adminUrl);
  try {
    await migrate(admin);
    await makeUser(admin, user);
  } finally {
    await admin.end();
  }
  const url = new URL(adminUrl);
  url.username = user.name;
  url.password = encodeURIComponent(user.password);
  return url.href;
}

async function makeUser(admin: Pool, { name, password }: AppUser): Promise<void> {
  // A statement about a user takes no parameters, so PostgreSQL quotes the values by format().
  const { rows } = await admin.query<{ make: string; change: string }>(statements, [name, password]);
  await admin.query(rows[0]?.make ?? '').catch((error: Error & { code?: string }) => {
    if (error.code !== DUPLICATE_OBJECT) throw error;
  });
  await admin.query(rows[0]?.change ?? '');
}

const DUPLICATE_OBJECT = '42710';

const statements = `
  select format('create role %I', $1::text) as make,
         format('alter role %1$I login password %2$L; grant doorbell_app to %1$I', $1::text, $2::text) as change`;
