import { describe, expect, onTestFinished, test } from 'vitest';
import { createOutbox, ring } from '../../publisher/outbox/outbox.ts';
import { transaction } from '../../publisher/postgres/transaction.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import { products, teamDatabase } from '../support/outbox.ts';

type Feed = { changes: { id: string; type: string; version: number; gone: boolean }[]; next: string; head: string };
type Answer = Feed & { code: string; detail: string };

async function shelf(prefix?: string) {
  const { admin, service } = await teamDatabase();
  const outbox = createOutbox({ pool: service, ...(prefix !== undefined && { prefix }) });
  const routes = sourceRoutes(products, { log: outbox, read: async () => [], tokens: null, onFault: () => undefined });
  async function changes(body: unknown = {}, signal?: AbortSignal) {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', body: JSON.stringify(body), headers, ...(signal && { signal }) };
    const response = await routes.request('/shelf/products/changes', init);
    return { status: response.status, body: (await response.json()) as Answer };
  }
  const rung = (id: string, type = 'product.changed', gone = false) =>
    transaction(service, (tx) => ring(tx, { id, type, gone }));
  /** A transaction that has rung and is still open. */
  async function open(id: string) {
    const client = await service.connect();
    onTestFinished(() => client.release(true));
    await client.query('begin');
    await ring(client, { id, type: 'product.changed' });
    return { end: (how: 'commit' | 'rollback') => client.query(how) };
  }
  const ids = async (after: string) => (await changes({ after })).body.changes.map(({ id }) => id);
  return { admin, service, changes, rung, open, ids };
}

describe('the feed', () => {
  test('begins at its end, and then has every change of the types, and what is gone, by ids only', async () => {
    const { changes, rung } = await shelf();
    await rung('before');
    const start = await changes();
    expect(start.body.changes).toEqual([]);
    expect(start.body.next).toBe(start.body.head);
    await rung('a');
    await rung('a', 'product.priced');
    await rung('b');
    await rung('b', 'product.removed', true);
    const { body } = await changes({ after: start.body.next });
    // Within a minute of this process's clock.
    const occurredAt = expect.toSatisfy((ms: number) => Math.abs(ms - Date.now()) < 60_000);
    expect(body.changes).toEqual([
      { id: 'a', type: 'product.changed', version: 1, gone: false, occurredAt },
      { id: 'b', type: 'product.changed', version: 1, gone: false, occurredAt },
      { id: 'b', type: 'product.removed', version: 2, gone: true, occurredAt },
    ]);
    expect(body.next).toBe(body.head);
    expect((await changes({ after: body.next })).body).toEqual({ changes: [], next: body.next, head: body.head });
  });

  test('goes on page by page, past changes that the agreement does not name', async () => {
    const { changes, rung } = await shelf();
    let { next } = (await changes()).body;
    for (let n = 1; n <= 9; n++) await rung(`p${n}`, n % 3 === 0 ? 'product.changed' : 'product.priced');
    const seen: string[] = [];
    for (let isMore = true; isMore; ) {
      const { body } = await changes({ after: next, limit: 2 });
      seen.push(...body.changes.map(({ id }) => id));
      next = body.next;
      isMore = next !== body.head;
    }
    expect(seen).toEqual(['p3', 'p6', 'p9']);
  });

  test('never passes a transaction that may still commit, and passes one that was rolled back', async () => {
    const { changes, rung, open, ids } = await shelf();
    const { next } = (await changes()).body;
    const [first, second] = [await open('first'), await open('second')];
    await rung('third');
    expect(await ids(next)).toEqual([]);
    await second.end('rollback');
    expect(await ids(next)).toEqual([]);
    await first.end('commit');
    expect(await ids(next)).toEqual(['first']);
    expect(await ids((await changes({ after: next })).body.next)).toEqual(['third']);
  });

  test('does not begin after a change that is not committed yet', async () => {
    const { changes, rung, open, ids } = await shelf();
    const late = await open('late');
    await rung('early');
    const start = changes();
    await late.end('commit');
    expect(await ids((await start).body.next)).toEqual([]);
  });

  test('waits for a change, and answers at once when it comes', async () => {
    const { changes, rung, open } = await shelf();
    const { next } = (await changes()).body;
    const waiting = [changes({ after: next, wait: 20_000 }), changes({ after: next, wait: 20_000 })];
    const began = Date.now();
    const late = await open('x');
    await rung('y');
    await late.end('commit');
    for (const { body } of await Promise.all(waiting)) expect(body.changes.map(({ id }) => id)[0]).toBe('x');
    expect(Date.now() - began).toBeLessThan(10_000);
    expect((await changes({ after: (await waiting[0])?.body.head, wait: 30 })).body.changes).toEqual([]);
  });

  test('an outbox of two kinds shows each agreement its own', async () => {
    const { changes, rung } = await shelf('product:');
    const { next } = (await changes()).body;
    await rung('product:1');
    await rung('order:1');
    const { body } = await changes({ after: next });
    expect(body.changes.map(({ id }) => id)).toEqual(['product:1']);
    expect(body.next).toBe(body.head);
  });

  test('says that changes were removed, and not to one who has read them', async () => {
    const { admin, changes, rung } = await shelf();
    const { next: start } = (await changes()).body;
    for (const id of ['a', 'b', 'c']) await rung(id);
    const two = (await changes({ after: start, limit: 2 })).body.next;
    const one = (await changes({ after: start, limit: 1 })).body.next;
    await admin.query(`insert into doorbell.relay_checkpoint values ('position', 2, 1)`);
    expect((await admin.query(`select doorbell.prune('0 seconds') as pruned`)).rows).toEqual([{ pruned: 2 }]);
    for (const after of [start, one])
      expect(await changes({ after })).toMatchObject({ status: 410, body: { code: 'feed-expired' } });
    expect((await changes({ after: two })).body.changes.map(({ id }) => id)).toEqual(['c']);
  });

  test.each([
    ['ahead of the log', 'zz.0198d3a2b1c47e0f8a6b5c4d3e2f1a0b'],
    ['at another event', '1.0198d3a2b1c47e0f8a6b5c4d3e2f1a0b'],
    ['of another kind', 'offset-17'],
    ['beyond all numbers', `${'z'.repeat(30)}.0198d3a2b1c47e0f8a6b5c4d3e2f1a0b`],
  ])('a cursor %s is of another log', async (_, after) => {
    const { changes, rung } = await shelf();
    await rung('a');
    expect(await changes({ after })).toMatchObject({ status: 410, body: { code: 'feed-replaced' } });
  });

  test.each([
    [{ after: '' }],
    [{ after: 'a b' }],
    [{ after: 7 }],
    [{ after: 'x'.repeat(201) }],
    [{ limit: 0 }],
    [{ limit: 1_001 }],
    [{ wait: -1 }],
    [{ wait: 30_001 }],
    [{ since: 'yesterday' }],
  ])('a request with %j is refused', async (body) => {
    const { changes } = await shelf();
    expect(await changes(body)).toMatchObject({ status: 422, body: { code: 'invalid-request' } });
  });
});
