import { describe, expect, onTestFinished, test } from 'vitest';
import { changesOf, teamDatabase } from '../support/outbox.ts';
import { textOf } from '../support/sources.ts';
import { until } from '../support/wait.ts';
import type { ClientFile, Refusal } from './client.ts';
import { openDrizzle } from './drizzle.ts';
import { openKnex } from './knex.ts';
import { openKysely } from './kysely.ts';
import { openPg } from './node-pg.ts';
import { openPostgresJs } from './postgres-js.ts';
import { openPrisma } from './prisma.ts';
import { openPsycopg } from './psycopg.ts';

const clients: ClientFile[] = [
  { client: 'pg', file: 'node-pg.ts', open: openPg, hintOf: (error) => error.message },
  { client: 'drizzle', file: 'drizzle.ts', open: openDrizzle, hintOf: (error) => error.cause?.hint },
  { client: 'kysely', file: 'kysely.ts', open: openKysely, hintOf: (error) => error.hint },
  { client: 'knex', file: 'knex.ts', open: openKnex, hintOf: (error) => error.hint },
  {
    client: 'Prisma',
    file: 'prisma.ts',
    open: openPrisma,
    hintOf: (error) => error.meta?.driverAdapterError.cause.hint,
  },
  { client: 'postgres.js', file: 'postgres-js.ts', open: openPostgresJs, hintOf: (error) => error.hint },
  { client: 'psycopg', file: 'with_psycopg.py', open: openPsycopg, hintOf: (error) => error.message },
];

const page = textOf('docs/outbox.md');
const [ringing = ''] = page.split('## Let a table ring');

/** Columns of the page's last table, each a code with … for what each team has of its own. */
const asked = [...page.matchAll(/^\| ([\w.]+) +\| `(.*?)` +\| `(.*?)` +\|$/gm)].map(([, client = '', ...codes]) => ({
  client,
  parts: codes.slice(0, 2).flatMap((code) => code.split('…')),
}));

/** The table of the page that names a client and its line, which stands between backticks. */
const lines = new Map(
  [...ringing.matchAll(/^\| ([\w.]+) +\| (`+)(.*?)\2/gm)].map(([, client = '', , line = '']) => [client, line.trim()]),
);

async function world({ open }: ClientFile) {
  const { admin, url } = await teamDatabase();
  const client = open(url);
  onTestFinished(async () => {
    await client.close();
    // A pool that has ended still has sessions for a moment; a database that is dropped would end them with an error.
    const sessions = 'select from pg_stat_activity where datname = current_database() and usename = $1';
    await until(async () => (await admin.query(sessions, [new URL(url).username])).rows.length === 0);
  });
  const rows = async () => (await admin.query('select sku, price from product order by sku')).rows;
  return { admin, client, rows, rung: () => changesOf(admin) };
}

const soup = { sku: 'p1', price: 7, id: 'p1', type: 'product.changed' };

test('each line of the page is run here, and each client has a line', () => {
  expect([...lines.keys()].toSorted()).toEqual(['SQL', ...clients.map(({ client }) => client)].toSorted());
});

test.each(asked)('asks by $client as the page says', ({ client, parts }) => {
  const text = textOf(`test/clients/${clients.find((file) => file.client === client)?.file}`);
  expect(parts.filter((part) => !text.includes(part))).toEqual([]);
});

test('the line in SQL rings', async () => {
  const { admin } = await teamDatabase();
  expect((await admin.query(lines.get('SQL') ?? '')).rows).toEqual([{ ring: 1 }]);
  expect(await changesOf(admin)).toEqual(['p1 product.price-changed v1']);
});

describe.each(clients)('$client', (file) => {
  test('has its line from the page', () => {
    expect(textOf(`test/clients/${file.file}`)).toContain(lines.get(file.client));
  });

  test('rings by a commit, and is told the version', async () => {
    const { client, rows, rung } = await world(file);
    expect(await client.put(soup)).toBe(1);
    expect(await client.put({ ...soup, price: 8 })).toBe(2);
    expect(await rows()).toEqual([{ sku: 'p1', price: 8 }]);
    expect(await rung()).toEqual(['p1 product.changed v1', 'p1 product.changed v2']);
  });

  test('rings nothing by a rollback', async () => {
    const { client, rows, rung } = await world(file);
    const failing = client.put(soup, () => {
      throw new Error('the last step fails');
    });
    await expect(failing).rejects.toThrow('the last step fails');
    expect([await rows(), await rung()]).toEqual([[], []]);
    expect(await client.put(soup)).toBe(1);
  });

  test('is given the hint for an id that cannot be rung', async () => {
    const { client } = await world(file);
    const error = await client.put({ ...soup, id: 'a soup' }).catch((caught: unknown) => caught);
    expect(file.hintOf(error as Refusal)).toMatch(/1 to 128 of A-Z a-z 0-9/);
  });
});

describe.each(clients.filter(({ client }) => client !== 'psycopg'))('$client, with doorbell/outbox', (file) => {
  test('rings several resources by one call', async () => {
    const { client, rung } = await world(file);
    expect(await client.ringAll?.(['b', 'a'])).toEqual([1, 1]);
    expect(await client.ringAll?.(['a', 'c'])).toEqual([2, 1]);
    expect(await rung()).toEqual(['a', 'b', 'a', 'c'].map((id, n) => `${id} product.changed v${n === 2 ? 2 : 1}`));
  });

  test('answers consumers from one snapshot: a version and its content belong together', async () => {
    const { client } = await world(file);
    await client.put({ ...soup, price: 1 });
    const routes = client.serve?.(() => client.put({ ...soup, price: 2 }));
    const answer = async (path: string, init?: RequestInit) => (await routes?.request(path, init))?.json();
    const shown = (version: number, price: number) => ({ id: 'p1', version, resource: { name: 'p1', price } });
    expect(await answer('/shelf/products/p1')).toEqual(shown(1, 1));
    expect(await answer('/shelf/products?limit=5')).toMatchObject({ resources: [shown(2, 2)] });
    const body = JSON.stringify({ prefixes: [''] });
    const headers = { 'content-type': 'application/json' };
    expect(await answer('/shelf/products/digests', { method: 'POST', headers, body })).toMatchObject({
      digests: expect.any(Array),
    });
  });
});
