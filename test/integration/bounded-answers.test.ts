import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { createSourceClient } from '../../consumers/runtime/source/client.ts';
import { systemClock as consumerClock } from '../../consumers/runtime/system.ts';
import { adAgreement } from '../../contracts/shops/agreements/ad.ts';
import { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import { type CommandContract, type CommandName, commandBodyLimit, commands } from '../../contracts/shops/commands.ts';
import { MOST_BYTES } from '../../publisher/http/bounds.ts';
import { listen } from '../../publisher/http/listen.ts';
import { transaction } from '../../publisher/postgres/transaction.ts';
import { foldEvents } from '../../publisher/shops/rebuild/fold-events.ts';
import { defineSource } from '../../publisher/shops/sources/all.ts';
import { lockShopsOf } from '../../publisher/shops/store/owners.ts';
import { systemClock } from '../../publisher/system.ts';
import { DEEPEST, encodings, insertCopies, largestBodies, largestShop } from '../support/largest.ts';
import { asOperator, publisher, tokens } from '../support/publisher.ts';
import { insertShops } from '../support/shops.ts';

const never = new AbortController().signal;
const largest = JSON.stringify(largestShop('large000')).length * 3;

type Service = Awaited<ReturnType<typeof publisher>>;
type Page = { ids: string[]; bytes: number };

/** Every page of a list, by its `next`, as an operator or a consumer reads it. */
async function pagesOf({ app }: Service, path: string, key: 'shops' | 'events' = 'shops'): Promise<Page[]> {
  const name = path.split('/')[1] ?? '';
  const authorization = name.startsWith('shops') ? asOperator.authorization : `Bearer token-of-${name}`;
  const pages: Page[] = [];
  const list = key === 'shops' && !name.startsWith('shops') ? 'resources' : key;
  for (let after: string | number | null = key === 'shops' ? '' : 0; after !== null; ) {
    const answer = await app.request(`${path}&after=${after}`, { headers: { authorization } });
    const text = await answer.text();
    expect([answer.status, Number(answer.headers.get('content-length'))]).toEqual([200, Buffer.byteLength(text)]);
    const body = JSON.parse(text) as Record<string, { id?: string; version: number }[]> & { next: string | null };
    pages.push({ ids: body[list]?.map(({ id, version }) => id ?? `${version}`) ?? [], bytes: Buffer.byteLength(text) });
    after = body.next;
  }
  return pages;
}

describe('an answer that grows with what users wrote', () => {
  test.each([
    ['/display/shops?limit=100', 5],
    ['/shops?limit=500', 5],
    // Little of a shop is shown to ad, however much of it is read.
    ['/ad/shops?limit=100', 1],
  ])('%s: the largest shops come in pages of 2 MiB, each of them once', async (path, least) => {
    const service = await publisher();
    const ids = await insertCopies(service.admin, largestShop('x'), 60);
    const pages = await pagesOf(service, path);
    expect(pages.flatMap((page) => page.ids)).toEqual(ids);
    expect(pages.length).toBeGreaterThanOrEqual(least);
    for (const { bytes } of pages) expect(bytes).toBeLessThan(MOST_BYTES + largest);
  });

  test('the history of a shop comes in pages of 2 MiB, each event once', async () => {
    const service = await publisher();
    await service.register('a');
    await service.admin.query(
      `insert into shop_events (shop_id, version, event_id, type, data, meta)
       select 'a', n, gen_random_uuid(), 'shop.registered', $1::jsonb, '{"actor":"test","command":"registerShop"}'
       from generate_series(2, 40) as n`,
      [JSON.stringify({ shop: largestShop('a'), previous: largestShop('a') })],
    );
    const pages = await pagesOf(service, '/shops/a/events?limit=500', 'events');
    expect(pages.flatMap(({ ids }) => ids.map(Number))).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    expect(pages.length).toBeGreaterThan(4);
    for (const { bytes } of pages) expect(bytes).toBeLessThan(MOST_BYTES + 2 * largest);
  });

  test('a batch of more than 2 MiB is refused with too-large before it is read, and a client asks by halves', async () => {
    const service = await publisher();
    const ids = await insertCopies(service.admin, largestShop('x'), 60);
    const wants = ids.map((id) => ({ id }));
    for (const name of ['display', 'ad'])
      expect(
        await service.call(
          'POST',
          `/${name}/shops/batch`,
          { resources: wants },
          { authorization: `Bearer ${tokens[name]}` },
        ),
      ).toMatchObject({ status: 413, body: { code: 'too-large', detail: expect.stringContaining('fewer') } });
    const listening = await listen(service.app, 0, '127.0.0.1', systemClock);
    onTestFinished(() => listening.close());
    const url = `http://127.0.0.1:${listening.port}`;
    for (const agreement of [displayAgreement, adAgreement]) {
      const token = tokens[agreement.name] ?? '';
      const client = createSourceClient<unknown>(agreement, { url, token, clock: consumerClock });
      onTestFinished(client.close);
      const looks = await client.look(wants, never);
      expect(looks.map(({ kind }) => kind)).toEqual(ids.map(() => 'found'));
    }
  });
});

const namedAgreement = {
  ...displayAgreement,
  name: 'named',
  path: '/named/shops',
  resource: z.object({ name: z.string() }),
};

describe('a page', () => {
  test('makes progress whatever it meets: sizes of any kind, of which some are beyond the bound alone', async () => {
    const service = await publisher({ sources: [defineSource(namedAgreement, ({ name }) => ({ name }))] });
    const sizes = fc.array(fc.constantFrom(1, 1_000, 700_000, MOST_BYTES - 100, MOST_BYTES, 2 * MOST_BYTES), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(sizes, fc.constantFrom(1, 2, 100), async (lengths, limit) => {
        await service.admin.query('truncate shop cascade');
        const ids = lengths.map((_, n) => `s${n}`);
        await insertShops(
          service.admin,
          ids.map((id) => ({ id, version: 1, closed: false })),
        );
        await service.admin.query(
          `update shop set state = jsonb_build_object('id', shop.id, 'name', repeat('n', size), 'openness', 'open')
           from unnest($1::text[], $2::int[]) as given (id, size) where shop.id = given.id`,
          [ids, lengths],
        );
        for (const path of [`/named/shops?limit=${limit}`, `/shops?limit=${limit}`]) {
          const pages = await pagesOf(service, path);
          expect(pages.flatMap((page) => page.ids)).toEqual(ids);
          expect(pages.every((page, n) => page.ids.length > 0 || n === pages.length - 1)).toBe(true);
          for (const page of pages)
            if (page.ids.length > 1) expect(page.bytes).toBeLessThan(2 * MOST_BYTES + Math.max(...lengths));
        }
      }),
      { numRuns: 8 },
    );
  });
});

test('an owner of many large shops is changed in pieces of 2 MiB, all in one commit', async () => {
  const { admin, pool, call } = await publisher();
  const owner = { id: 'kim', name: 'Kim', publicName: 'Kim' };
  await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'Kim' });
  const ids = await insertCopies(admin, { ...largestShop('x'), owner }, 40);
  await admin.query(`update shop set owner_id = 'kim'`);
  const pieces: number[] = [];
  await transaction(pool, async (database) => {
    for await (const shops of lockShopsOf(database, 'kim')) pieces.push(shops.length);
  });
  expect([pieces.reduce((sum, length) => sum + length), Math.max(...pieces) < 20]).toEqual([40, true]);
  const headers = { 'idempotency-key': 'once' };
  const { body } = await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'K' }, headers);
  expect(body).toEqual({ id: 'kim', version: 2, shops: 40 });
  const { rows } = await admin.query(
    `select shop_id as id, xmin::text as tx from shop_events where type = 'shop.owner-changed' order by id`,
  );
  expect([rows.map(({ id }) => id), new Set(rows.map(({ tx }) => tx)).size]).toEqual([ids, 1]);
  expect((await call('GET', `/shops/${ids[39]}`)).body.owner).toEqual({ ...owner, publicName: 'K' });
});

describe('rebuilding', () => {
  test('reads events in pieces of 2 MiB, whole shops and single ones', async () => {
    const service = await publisher();
    await service.admin.query(
      `insert into shop_events (shop_id, version, event_id, type, data, meta)
       select 's' || n, 1, gen_random_uuid(), 'shop.registered', jsonb_build_object('shop', $1::jsonb, 'previous', null), '{}'
       from generate_series(10, 49) as n`,
      [JSON.stringify(largestShop('s'))],
    );
    const pages: number[] = [];
    for await (const states of foldEvents(service.admin)) pages.push(states.length);
    expect(pages.reduce((sum, length) => sum + length, 0)).toBe(40);
    expect(Math.max(...pages)).toBeLessThan(20);
  });
});

const named = Object.entries(commands) as [CommandName, CommandContract][];

/** What must be another each time, and what must be there. */
const fresh: { [Name in CommandName]?: () => object } = {
  registerShop: () => ({ id: randomBytes(32).toString('hex') }),
  addMenuItem: () => ({ id: randomBytes(32).toString('hex') }),
  rollBack: () => ({ toVersion: 1 }),
};

describe('the largest legal body', () => {
  test.each(named.filter(([, { body }]) => body !== null))(
    'of %s is taken, however it is written',
    async (name, contract) => {
      const { call, register } = await publisher();
      const { method, path } = contract;
      await call('PUT', `/owners/${'0'.padEnd(64, '_')}`, { name: 'Kim', publicName: 'Kim' });
      await register('a', { menu: [{ id: 'item_soup', name: '차', price: 1 }] });
      const to = path.replace(':shopId', 'a').replace(':itemId', 'item_soup').replace(':ownerId', 'kim');
      for (const character of ['각', '😀', DEEPEST])
        for (const [how, write] of Object.entries(encodings)) {
          const body = { ...(largestBodies(character)[name] as object), ...fresh[name]?.() };
          const { status, body: answer } = await call(method.toUpperCase(), to, write(body));
          expect([200, 201], `${character} ${how}: ${answer.detail}`).toContain(status);
        }
    },
  );

  test('leaves room for blanks, and what is longer is refused', async () => {
    const { call } = await publisher();
    const long = JSON.stringify({ name: 'Kim', publicName: 'Kim' }).padEnd(commandBodyLimit(), ' ');
    expect((await call('PUT', '/owners/kim', long)).status).toBe(201);
    expect(await call('PUT', '/owners/kim', `${long} `)).toMatchObject({ status: 413, body: { code: 'too-large' } });
  });
});
