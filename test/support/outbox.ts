import { onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { defineAgreement } from '../../contracts/wire/agreement.ts';
import { migrateOutbox, watchTable } from '../../publisher/outbox/outbox.ts';
import { openPool, type Pool } from '../../publisher/postgres/database.ts';
import { type DatabaseKind, emptyDatabase, freshDatabaseOf, type TestDatabase } from './database.ts';

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
  await createProducts(admin, role);
  await migrateOutbox(admin, { roles: { ring: role, read: role } });
  return { admin, service, url, adminUrl };
}

const createProducts = (admin: Pool, role: string) =>
  admin.query(`
    create table product (sku text primary key, name text not null, price int not null, tags json);
    grant select, insert, update, delete, truncate on product to ${role}`);

/** An outbox that a relay follows, and a table that rings by itself. */
const outbox: DatabaseKind = {
  template: 'template1',
  async prepare(admin, role) {
    await createProducts(admin, role);
    await migrateOutbox(admin, { roles: { ring: role, relay: role } });
    const types = { created: 'product.created', changed: 'product.changed', removed: 'product.removed' };
    await watchTable(admin, { table: 'product', id: 'sku', ...types });
  },
  empty: `
    set session_replication_role = replica;
    truncate doorbell.change, doorbell.resource, doorbell.relay_checkpoint, doorbell.parked_ring, doorbell.pruned,
      product
      restart identity;
    set session_replication_role = default`,
};

/** An empty outbox in the one such database of a test file: `url` is of a user who may ring and relay. */
export const freshOutbox = (): Promise<TestDatabase> => freshDatabaseOf(outbox);

/** What the change log says, oldest first: id, type and version. */
export async function changesOf(admin: Pool): Promise<string[]> {
  const { rows } = await admin.query('select id, type, version from doorbell.change order by position');
  return rows.map(({ id, type, version }) => `${id} ${type} v${version}`);
}
