import { onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { defineAgreement } from '../../contracts/wire/agreement.ts';
import { migrateOutbox } from '../../publisher/outbox/outbox.ts';
import { openPool, type Pool } from '../../publisher/postgres/database.ts';
import { emptyDatabase } from './database.ts';

/** An agreement of another domain than the shops'. */
export const products = defineAgreement({
  name: 'products',
  version: 1,
  wakesOn: ['product.changed'],
  path: '/shelf/products',
  resource: z.object({ name: z.string(), price: z.int() }),
});

/** A database of a team with products of its own and an outbox, and users as the team would have them. */
export type TeamDatabase = { admin: Pool; service: Pool; url: string; adminUrl: string };

/** Makes such a database; it is dropped when the test is over. `service` may change products and ring, no more. */
export async function teamDatabase(): Promise<TeamDatabase> {
  const { url, adminUrl } = await emptyDatabase();
  const admin = openPool({ connectionString: adminUrl });
  const service = openPool({ connectionString: url, max: 12 });
  onTestFinished(async () => {
    await Promise.all([service.end(), admin.end()]);
  });
  const role = new URL(url).username;
  await admin.query(`
    create table product (sku text primary key, name text not null, price int not null, tags json);
    grant select, insert, update, delete, truncate on product to ${role}`);
  await migrateOutbox(admin, { roles: { ring: role, read: role } });
  return { admin, service, url, adminUrl };
}

/** What the change log says, oldest first: id, type and version. */
export async function changesOf(admin: Pool): Promise<string[]> {
  const { rows } = await admin.query('select id, type, version from doorbell.change order by position');
  return rows.map(({ id, type, version }) => `${id} ${type} v${version}`);
}
