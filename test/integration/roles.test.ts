import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { prepareDatabase } from '../../localstack/start/postgres/app-user.ts';
import { openPool } from '../../publisher/postgres/database.ts';
import type { Ring } from '../../publisher/relay/ring.ts';
import { migrate } from '../../publisher/shops/store/migrate.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { freshDatabase } from '../support/database.ts';
import { publisher } from '../support/publisher.ts';
import { makeRelayBy } from '../support/relays.ts';

const REFUSED = { code: '42501' };

describe('the user of API and relay', () => {
  test('is no superuser, owns nothing and may do what doorbell_app may', async () => {
    const { pool } = await freshDatabase();
    const { rows } = await pool.query(`
      select rolname as name, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as "isMighty",
             pg_has_role(oid, 'doorbell_app', 'usage') as "isMember",
             exists (select from pg_class where relowner = pg_roles.oid) as "isOwner"
      from pg_roles where rolname = current_user`);
    expect(rows).toEqual([{ name: 'doorbell_api', isMighty: false, isMember: true, isOwner: false }]);
  });

  test('can do all that commands, history and relay do', async () => {
    const { call, register, pool } = await publisher();
    await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'K' }, { 'idempotency-key': 'k' });
    await register('a', { ownerId: 'kim' });
    for (let n = 0; n < 100; n++) await call('PATCH', '/shops/a/menu/item_soup', { price: 7000 + n });
    expect((await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'Kim' })).status).toBe(200);
    expect((await call('POST', '/shops/a/rollback', { toVersion: 2 })).body.version).toBe(103);
    expect((await call('GET', '/shops/a?version=101')).body.version).toBe(101);
    expect((await call('GET', '/shops/a/events')).body.events).toHaveLength(100);

    const rings: Ring[] = [];
    const publish = async (batch: Ring[]) => {
      rings.push(...batch);
      return batch.map(() => ({ accepted: true as const }));
    };
    const deps = { log: shopLog(pool), name: 'position', publish, clock: systemClock, observe: () => {} };
    expect(await (await makeRelayBy('position')(deps, '')).step(new AbortController().signal)).toBe('delivered');
    const [ring] = rings;
    expect(ring).toBeDefined();
    for (const reason of ['first', 'again']) await shopLog(pool).park(ring as Ring, reason);
  });

  test.each([
    'alter table shop_events add column secret text',
    'alter table shop_events disable trigger append_only',
    'drop trigger append_only on shop_events',
    'drop table shop_events',
    'update shop_events set data = data',
    'delete from shop_events',
    'truncate shop_events',
    `insert into shop_events (id, shop_id, version, event_id, type, data) overriding system value
       values (1, 'a', 1, gen_random_uuid(), 'shop.opened', '{}')`,
    `insert into shop_events (shop_id, version, event_id, type, data, at)
       values ('a', 1, gen_random_uuid(), 'shop.opened', '{}', '2001-01-01')`,
    `select setval(pg_get_serial_sequence('shop_events', 'id'), 1)`,
    'delete from shop',
    'delete from owner',
    'update shop_snapshot set state = state',
    'delete from shop_snapshot',
    `update idempotency_key set answer = '{}'`,
    'delete from idempotency_key',
    'delete from relay_checkpoint',
    'delete from parked_ring',
    `insert into migration (name, hash) values ('9999-mine.sql', 'x')`,
    'create table mine (id int)',
    'create index mine on shop_events (type)',
    'create function mine() returns int language sql as $$ select 1 $$',
    'create role mine',
    'create extension file_fdw',
    'set session_replication_role = replica',
    'set role doorbell',
    `copy shop to program 'cat'`,
  ])('is refused: %s', async (statement) => {
    const { pool } = await freshDatabase();
    await expect(pool.query(statement)).rejects.toMatchObject(REFUSED);
  });

  test('was forgotten by no migration: what there is can be read, and an event can be written whole', async () => {
    const { pool } = await freshDatabase();
    const { rows: closed } = await pool.query(`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') and not has_table_privilege(oid, 'select')`);
    const { rows: missing } = await pool.query(`
      select attname as name from pg_attribute
      where attrelid = 'shop_events'::regclass and attnum > 0 and not attisdropped
        and not has_column_privilege(attrelid, attnum, 'insert')`);
    expect([closed, missing.map(({ name }) => name)]).toEqual([[], ['id', 'at']]);
  });
});

describe('a schema', () => {
  test('that is up to date needs no more than reading', async () => {
    const { pool } = await freshDatabase();
    expect(await migrate(pool)).toEqual([]);
  });

  test('that is not is changed by its owner alone, and the refusal says so', async () => {
    const { pool, admin } = await freshDatabase();
    const { rows } = await admin.query(`delete from migration where name = '0003-roles.sql' returning name, hash`);
    await expect(migrate(pool)).rejects.toThrow(
      /Run publisher\/migrate\.ts .* with DATABASE_ADMIN_URL, .*, or set that here\.$/,
    );
    expect(await migrate(admin)).toEqual(rows.map(({ name }) => name));
  });

  test('of before there were roles goes on with what is in it, under a user of its own', async () => {
    const admin = await databaseOfBefore();
    await admin.query(`insert into shop values ('a', 0, false, null, '{}')`);
    const adminUrl = admin.options.connectionString ?? '';
    const name = `user_${randomBytes(4).toString('hex')}`;
    await prepareDatabase(adminUrl, { name, password: 'first' });
    const url = await prepareDatabase(adminUrl, { name, password: `it's "another" 100%` });
    const pool = openPool({ connectionString: url, max: 1 });
    onTestFinished(() => pool.end());
    expect((await pool.query('select id from shop')).rows).toEqual([{ id: 'a' }]);
    await expect(pool.query('delete from shop')).rejects.toMatchObject(REFUSED);
  });
});

/** A database as release 0.1.0 left it. */
async function databaseOfBefore() {
  const name = `before_${randomBytes(4).toString('hex')}`;
  const server = openPool({ connectionString: inject('postgresUrl'), max: 1 });
  await server.query(`create database ${name}`);
  await server.end();
  const admin = openPool({ connectionString: inject('postgresUrl').replace(/\/postgres$/, `/${name}`), max: 1 });
  onTestFinished(() => admin.end());
  await admin.query('create table migration (name text primary key, hash text not null, at timestamptz default now())');
  for (const file of ['0001-shops.sql', '0002-snapshots.sql']) {
    const text = await readFile(new URL(`../../publisher/shops/store/sql/${file}`, import.meta.url), 'utf8');
    await admin.query(text);
    await admin.query(`insert into migration values ($1, encode(sha256(convert_to($2, 'UTF8')), 'hex'))`, [file, text]);
  }
  return admin;
}
