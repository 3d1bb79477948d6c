import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openOwner } from '../../publisher/postgres/database.ts';
import { migrate } from '../../publisher/shops/store/migrate.ts';
import { freshDatabase } from '../support/database.ts';
import { publisher } from '../support/publisher.ts';

describe('the event table', () => {
  test.each(['update shop_events set version = 9', 'delete from shop_events', 'truncate shop_events'])(
    'refuses to forget: %s',
    async (statement) => {
      const { admin, register } = await publisher();
      await register('a');
      await expect(admin.query(statement)).rejects.toThrow('append-only');
    },
  );

  test('has no two events of one version', async () => {
    const { pool, register } = await publisher();
    await register('a');
    const again = `insert into shop_events (shop_id, version, event_id, type, data)
      values ('a', 1, gen_random_uuid(), 'shop.opened', '{}')`;
    await expect(pool.query(again)).rejects.toThrow('shop_events_shop_id_version_key');
  });

  test.each([
    ['a sentence for an id', 'my shop, 6000 won', 'shop.opened', 'shop_events_shop_id_check'],
    ['an id of 65 letters', 'a'.repeat(65), 'shop.opened', 'shop_events_shop_id_check'],
    ['a sentence for a type', 'a', 'price is 6000 now', 'shop_events_type_check'],
    ['a type of 65 letters', 'a', 'a'.repeat(65), 'shop_events_type_check'],
  ])('has no room for a payload where a notification comes from: %s', async (_, id, type, constraint) => {
    const { pool } = await freshDatabase();
    const append = `insert into shop_events (shop_id, version, event_id, type, data) values ($1, 1, gen_random_uuid(), $2, '{}')`;
    await expect(pool.query(append, [id, type])).rejects.toThrow(constraint);
  });

  test('draws its ids one by one: the gap fence stands on that', async () => {
    const { pool } = await freshDatabase();
    const { rows } = await pool.query(
      "select seqcache as cache from pg_sequence where seqrelid = pg_get_serial_sequence('shop_events', 'id')::regclass",
    );
    expect(rows).toEqual([{ cache: 1 }]);
  });

  test('events and snapshot are one commit', async () => {
    const { call, admin, register } = await publisher();
    await register('a');
    await admin.query("alter table shop_events add constraint no_pauses check (type <> 'shop.paused') not valid");
    expect((await call('POST', '/shops/a/pause')).status).toBe(500);
    await admin.query('alter table shop_events drop constraint no_pauses');
    expect((await call('GET', '/shops/a')).body).toMatchObject({ version: 1, openness: 'open' });
  });
});

describe('a migration', () => {
  test('is applied once', async () => {
    const { admin } = await freshDatabase();
    expect(await migrate(admin)).toEqual([]);
  });

  test('may take longer than an answer to a request: another one is waited for', async () => {
    const { admin, adminUrl } = await freshDatabase();
    const other = await admin.connect();
    await other.query('select pg_advisory_lock(7235688)');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const owner = openOwner(adminUrl);
    const migrated = migrate(owner).catch((error: Error) => error.message);
    const waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted";
    while ((await other.query(waiting)).rowCount === 0);
    vi.advanceTimersByTime(60_000);
    await other.query('select pg_advisory_unlock(7235688)');
    expect(await migrated).toEqual([]);
    other.release();
    await owner.end();
  });

  test.each([
    ['that was edited after it was applied', "update migration set hash = 'x'", 'was applied with other text'],
    ['of a newer release', "insert into migration (name, hash) values ('9999-future.sql', 'x')", "doesn't know"],
  ])('%s is refused', async (_, tamper, message) => {
    const { admin } = await freshDatabase();
    const { rows } = await admin.query('select name, hash from migration');
    await admin.query(tamper);
    await expect(migrate(admin)).rejects.toThrow(message);
    await admin.query('delete from migration');
    for (const { name, hash } of rows)
      await admin.query('insert into migration (name, hash) values ($1, $2)', [name, hash]);
  });
});
