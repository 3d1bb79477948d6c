import fc from 'fast-check';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { queriesFunction } from '../../consumers/lambda-queries.ts';
import { viewApi } from '../../consumers/query/app.ts';
import { findDrift } from '../../consumers/runtime/source/drift.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { listen } from '../../publisher/http/listen.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import { request } from '../support/aws-events.ts';
import { anyId, FORM, noIds } from '../support/ids.ts';
import { smallClient, transports } from '../support/small-client.ts';
import { type SmallView, smallAgreement } from '../support/small-consumer.ts';
import { stores } from '../support/stores.ts';

const never = new AbortController().signal;
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const versionOf = (id: string) => id.length;

/** A source of resources that a test names, on a port. */
async function source() {
  const state = { ids: [] as string[] };
  const row = (id: string) => ({ id, version: versionOf(id), state: { name: id.slice(0, 20) } });
  const app = new Hono().route(
    '/',
    sourceRoutes(smallAgreement, {
      read: async (wanted) => wanted.filter((id) => state.ids.includes(id)).map(row),
      readPage: async (after, limit) =>
        state.ids
          .filter((id) => byBytes(id, after) > 0)
          .slice(0, Math.min(limit, 7))
          .map(row),
      select: (shown) => shown,
      tokens: null,
      onFault: (error) => expect.fail(error.message),
    }),
  );
  const { port, close } = await listen(app, 0, '127.0.0.1', systemClock);
  onTestFinished(close);
  return { app, url: `http://127.0.0.1:${port}`, name: (ids: string[]) => (state.ids = ids.toSorted(byBytes)) };
}

type Client = ReturnType<typeof smallClient>;

async function idsOfPages(client: Client): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page = await client.page(after, never);
    ids.push(...page.resources.map(({ id }) => id));
    after = page.next;
  }
  return ids;
}

const someIds = fc.uniqueArray(anyId, { minLength: 1, maxLength: 30 });

describe.each(transports)('ids of any domain, by %s', (_, http) => {
  test('are looked at alone, in a batch, in pages and by digests', async () => {
    const { url, name } = await source();
    await fc.assert(
      fc.asyncProperty(someIds, async (unordered) => {
        const ids = name(unordered);
        const client = smallClient(url, {}, http);
        const found = (id: string) => ({
          kind: 'found',
          version: versionOf(id),
          resource: { name: id.slice(0, 20) },
        });
        for (const id of ids.slice(0, 5)) expect(await client.look([{ id }], never)).toEqual([found(id)]);
        const fresh = smallClient(url, {}, http);
        expect(
          await fresh.look(
            ids.map((id) => ({ id })),
            never,
          ),
        ).toEqual(ids.map(found));
        expect(await idsOfPages(client)).toEqual(ids);
        const [bucket] = await client.digests([''], never);
        expect(bucket).toEqual({ prefix: '', resources: ids.map((id) => ({ id, version: versionOf(id) })) });
      }),
      { numRuns: 15 },
    );
  });
});

describe.each(stores)('ids of any domain, in $name', ({ open }) => {
  test('are kept, paged, compared and shown', async () => {
    const { url, name } = await source();
    const client = smallClient(url);
    await fc.assert(
      fc.asyncProperty(someIds, async (unordered) => {
        const ids = name(unordered);
        const store = await open<SmallView>({ title: 'title' });
        const rows = ids.map((id) => ({ id, version: versionOf(id), view: { title: 'SOUP' } }));
        const kept = rows.slice(1);
        expect(await store.write(kept.toReversed())).toEqual(kept.map(() => true));
        const missing = { id: ids[0], ours: null, theirs: rows[0]?.version };
        expect(await findDrift({ store, source: client, clock: systemClock }, never)).toEqual([missing]);
        expect(await store.write(rows)).toEqual(rows.map((_, n) => n === 0));
        expect(await store.versions(ids)).toEqual(new Map(ids.map((id) => [id, versionOf(id)])));
        for (const read of [store.scan, (after: string, most: number) => store.query({ title: 'SOUP' }, after, most)])
          expect(await inPages(read)).toEqual(ids);
        await expectShown(store, ids.slice(0, 5));
        store.close();
      }),
      { numRuns: 15 },
    );
  });
});

async function inPages(read: (after: string, most: number) => Promise<{ id: string }[]>): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await read(ids.at(-1) ?? '', 4);
    if (page.length === 0) return ids;
    ids.push(...page.map(({ id }) => id));
  }
}

/** Reads views by their ids as they are and percent-encoded, from a server's app and from a Lambda function. */
async function expectShown(store: Awaited<ReturnType<(typeof stores)[number]['open']>>, ids: readonly string[]) {
  const views = store as unknown as Parameters<typeof viewApi<SmallView>>[0];
  const app = viewApi(views);
  const environment = { DOORBELL_STAGE: 'test', DOORBELL_TABLE: 'test-small-views' };
  const invoke = queriesFunction<{ name: string }, SmallView>(
    { indexes: {}, queryApi: viewApi },
    { environment, clock: systemClock, openStore: () => store as never, print: () => {} },
  );
  for (const id of ids)
    for (const path of [`/shops/${id}`, `/shops/${encodeURIComponent(id)}`]) {
      const shown = { id, version: versionOf(id), title: 'SOUP' };
      expect(await (await app.request(path)).json()).toEqual(shown);
      expect(await request(invoke as never, 'GET', path)).toEqual({ status: 200, body: shown });
    }
}

describe('what is no id', () => {
  test.each(noIds)('is refused with its form: %s', async (_, text) => {
    const { app, url } = await source();
    const call = (path: string, body?: unknown) =>
      app.request(path, {
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
        headers: { 'content-type': 'application/json' },
      });
    const encoded = encodeURIComponent(text);
    const refused = { status: 422, code: 'invalid-request' };
    const said = async (answer: Response) => (await answer.json()) as { errors: { message: string }[] };
    const inBatch = await said(await call('/small/shops/batch', { resources: [{ id: text }] }));
    expect(inBatch).toMatchObject({ ...refused, errors: [{ path: 'resources.0.id', message: FORM }] });
    // An empty id, `.` and `..` never arrive: the address is another one.
    if (!['', '.', '..'].includes(text)) {
      const alone = { ...refused, errors: [{ path: 'id', message: FORM }] };
      expect(await said(await call(`/small/shops/${encoded}`))).toMatchObject(alone);
      const queries = viewApi({ read: async () => [] });
      expect(await said(await queries.request(`/shops/${encoded}`))).toMatchObject(alone);
    }
    if (text !== '') expect(await said(await call(`/small/shops?after=${encoded}`))).toMatchObject(refused);
    const [look] = await smallClient(url).look([{ id: text }], never);
    expect(look).toMatchObject({ kind: 'refused', error: { code: 'source-refused', status: 422 } });
    expect(look).toHaveProperty('error.message', `${JSON.stringify(text)} is no id: ${FORM}`);
  });
});
