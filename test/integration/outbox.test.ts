import { expect, test } from 'vitest';
import { createOutbox, migrateOutbox, outboxScript, ring } from '../../publisher/outbox/outbox.ts';
import { openPool } from '../../publisher/postgres/database.ts';
import { transaction } from '../../publisher/postgres/transaction.ts';
import { emptyDatabase } from '../support/database.ts';
import { changesOf, teamDatabase } from '../support/outbox.ts';

const hintOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    ({ message, hint }) => `${message} ${hint ?? ''}`,
  );

test('ring and gone draw the next version in the transaction of the caller', async () => {
  const { admin, service } = await teamDatabase();
  const versions = await transaction(service, async (tx) => [
    ...(await ring(tx, { id: 'b', type: 'product.created' })),
    ...(await ring(tx, [
      { id: 'b', type: 'product.changed' },
      { id: 'a', type: 'product.created', trace: '00-ab' },
    ])),
    ...(await ring(tx, { id: 'b', type: 'product.removed', gone: true })),
    ...(await ring(tx, { id: 'b', type: 'product.removed', gone: true })),
    ...(await ring(tx, { id: 'b', type: 'product.created' })),
  ]);
  expect(versions).toEqual([1, 2, 1, 3, 3, 4]);
  expect(await changesOf(admin)).toEqual([
    'b product.created v1',
    'a product.created v1',
    'b product.changed v2',
    'b product.removed v3',
    'b product.created v4',
  ]);
  const { rows } = await admin.query(
    'select trace, event_id::text as id, at from doorbell.change order by position limit 2',
  );
  expect(rows[1]?.trace).toBe('00-ab');
  // Version 7 and its milliseconds (RFC 9562, 5.7).
  expect(rows[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
  expect(Math.abs(Number.parseInt(rows[0]?.id.replace('-', '').slice(0, 12), 16) - rows[0]?.at.getTime())).toBeLessThan(
    50,
  );
});

test('what is rolled back was never rung, and leaves no hole in the versions', async () => {
  const { admin, service } = await teamDatabase();
  await ring(service, { id: 'a', type: 'product.created' });
  await transaction(service, async (tx) => {
    await ring(tx, { id: 'a', type: 'product.changed' });
    throw new Error('no stock');
  }).catch(() => {});
  expect(await ring(service, { id: 'a', type: 'product.changed' })).toEqual([2]);
  expect(await changesOf(admin)).toEqual(['a product.created v1', 'a product.changed v2']);
});

test('transactions that ring the same resources in any order get one version each, and none deadlocks', async () => {
  const { admin, service } = await teamDatabase();
  const ids = ['a', 'b', 'c', 'd'];
  const rung = await Promise.all(
    Array.from({ length: 60 }, (_, n) => {
      const some = ids.map((_, k) => ids[(n + k * (n % 2 ? 1 : 3)) % 4] as string);
      return transaction(service, (tx) =>
        ring(
          tx,
          some.map((id) => ({ id, type: 'product.changed' })),
        ),
      );
    }),
  );
  expect(rung).toHaveLength(60);
  const { rows } = await admin.query(
    'select id, count(*)::int as n, count(distinct version)::int as d, max(version) as last from doorbell.change group by id order by id',
  );
  expect(rows).toEqual(ids.map((id) => ({ id, n: 60, d: 60, last: 60 })));
});

test.each([
  ['tea pot', 'product.changed', /the id 'tea pot' cannot be rung.* 1 to 128/],
  ['.', 'product.changed', /the id '\.' cannot be rung/],
  ['..', 'product.changed', /the id '\.\.' cannot be rung/],
  ['', 'product.changed', /the id '' cannot be rung/],
  ['x'.repeat(129), 'product.changed', /cannot be rung/],
  ['a\nb', 'product.changed', /cannot be rung/],
  ['a\n', 'product.changed', /cannot be rung/],
  ['가게', 'product.changed', /cannot be rung/],
  [null, 'product.changed', /the id null cannot be rung/],
  ['a', 'Product.Changed', /the type 'Product.Changed' cannot be rung.*lower-case words/],
  ['a', `a${'b'.repeat(64)}`, /the type [\s\S]* cannot be rung/],
  ['a', 'a.b\n', /the type [\s\S]* cannot be rung/],
  ['a', null, /the type null cannot be rung/],
])('SQL refuses the id %j with the type %j, with a hint, and rings nothing', async (id, type, message) => {
  const { admin, service } = await teamDatabase();
  for (const name of ['ring', 'gone'])
    expect(await hintOf(service.query(`select doorbell.${name}($1, $2)`, [id, type]))).toMatch(message);
  expect(await changesOf(admin)).toEqual([]);
  if (typeof id === 'string' && typeof type === 'string') {
    await expect(ring(service, { id, type })).rejects.toThrow(TypeError);
  }
});

test.each(['a', 'order:2024:1', 'A-z_0.9~', 'x'.repeat(128), '0199c1d6-5a1e-7000-8000-000000000000'])(
  'takes the id %j',
  async (id) => {
    const { service } = await teamDatabase();
    expect(await ring(service, { id, type: 'a.b-c.d1' })).toEqual([1]);
  },
);

test('the service may ring, and neither read nor forge nor forget', async () => {
  const { admin, service } = await teamDatabase();
  await ring(service, { id: 'a', type: 'product.created' });
  for (const sql of [
    'delete from doorbell.change',
    'update doorbell.change set version = 9',
    'truncate doorbell.change',
    `insert into doorbell.change (id, type, version, event_id, gone) values ('a', 'x', 2, gen_random_uuid(), false)`,
    'update doorbell.resource set version = 9',
    `select doorbell.prune('1 s')`,
    'create table doorbell.mine (n int)',
  ])
    await expect(service.query(sql), sql).rejects.toMatchObject({ code: '42501' });
  for (const sql of [
    'delete from doorbell.change',
    'update doorbell.change set version = 9',
    'truncate doorbell.change',
  ])
    await expect(admin.query(sql), sql).rejects.toThrow(/append-only/);
});

test('a search path of the caller changes nothing', async () => {
  const { admin, service } = await teamDatabase();
  await admin.query(`create schema evil; grant usage on schema evil to public;
    create function evil.clock_timestamp() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$;
    create table evil.resource (id text)`);
  const client = await service.connect();
  await client.query('set search_path = evil, pg_catalog, public');
  await client.query(`select doorbell.ring('a', 'product.created')`);
  client.release(true);
  const { rows } = await admin.query(`select at > now() - interval '1 minute' as fresh from doorbell.resource`);
  expect(rows).toEqual([{ fresh: true }]);
});

test('migrating twice, at once and as a script comes to the same', async () => {
  const { admin } = await teamDatabase();
  expect(await migrateOutbox(admin)).toEqual([]);
  const { adminUrl } = await emptyDatabase();
  const other = openPool({ connectionString: adminUrl });
  try {
    await other.query(outboxScript());
    expect(await migrateOutbox(other)).toEqual([]);
    expect((await Promise.all([1, 2].map(() => migrateOutbox(other, { schema: 'bell' })))).flat()).toEqual([
      '0001-outbox',
    ]);
    await ring(other, { id: 'a', type: 'x.y' }, { schema: 'bell' });
    const { rows } = await other.query(
      'select (select count(*)::int from bell.change) as bell, (select count(*)::int from doorbell.change) as doorbell',
    );
    expect(rows).toEqual([{ bell: 1, doorbell: 0 }]);
  } finally {
    await other.end();
  }
});

test('a schema that is no plain name is refused, before a statement is written', async () => {
  const { admin } = await teamDatabase();
  for (const schema of ['a; drop table product', 'Bell', 'pg_bell', '', 'x'.repeat(41)]) {
    await expect(migrateOutbox(admin, { schema })).rejects.toThrow(TypeError);
    expect(() => createOutbox({ pool: admin, schema })).toThrow(TypeError);
  }
});

test('what is old and was rung is removed, never past the slowest relay nor the newest change', async () => {
  const { admin, service } = await teamDatabase();
  for (const id of ['a', 'b', 'c', 'd']) await ring(service, { id, type: 'product.created' });
  const prune = async () => (await admin.query(`select doorbell.prune('0 s') as n`)).rows[0]?.n;
  expect(await prune()).toBe(0);
  await admin.query(`insert into doorbell.relay_checkpoint values ('position', 9, 1), ('slow', 2, 1)`);
  expect((await admin.query(`select doorbell.prune('1 day') as n`)).rows[0]?.n).toBe(0);
  expect(await prune()).toBe(2);
  await admin.query(`update doorbell.relay_checkpoint set pos = 9`);
  expect(await prune()).toBe(1);
  expect(await changesOf(admin)).toEqual(['d product.created v1']);
  await expect(admin.query('delete from doorbell.change')).rejects.toThrow(/append-only/);
});
