import { expect, test } from 'vitest';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { smallWorld } from '../../support/worker.ts';

const MINUTE = 60_000;
const broken = new SourceRefused('agreement-broken', 200, 'name: expected string');

/** A consumer that follows the feed; its dead-letter queue is away until `mend`. */
function world() {
  const small = smallWorld({ follow: {} });
  const { bury } = small.queue.queue;
  let isAway = true;
  small.queue.queue.bury = async (letters) => (isAway ? letters.map((_, n) => n) : bury(letters));
  return {
    ...small,
    mend() {
      isAway = false;
    },
  };
}

test('a change that can be no view is a dead letter in the end, though the dead-letter queue was away', async () => {
  const { source, clock, start, queue, mend } = world();
  source.set('s1', 1, 'good');
  start();
  await clock.advance(1_000);
  source.refuse('s1', broken);
  source.set('s1', 2, 'bad');
  await clock.advance(2 * MINUTE);
  mend();
  await clock.advance(2 * MINUTE);
  expect(queue.dead.map(({ message }) => message.body)).toEqual(['{"id":"s1","type":"shop.registered"}']);
});

test('what a page shows and can be no view is a dead letter in the end, too', async () => {
  const { source, clock, start, queue, mend } = world();
  source.set('s1', 1, 'bad');
  source.refuse('s1', broken);
  start();
  await clock.advance(2 * MINUTE);
  mend();
  await clock.advance(2 * MINUTE);
  expect(queue.dead.map(({ message }) => message.body)).toEqual(['{"id":"s1","type":"shop.registered"}']);
});

test('a late change of a resource with the id __proto__ is not forgotten', async () => {
  const { source, clock, start, view } = world();
  start();
  await clock.advance(1_000);
  for (const id of ['__proto__', 'constructor']) {
    source.set(id, 1, 'odd');
    source.fail(id);
  }
  await clock.advance(2 * MINUTE);
  for (const id of ['__proto__', 'constructor']) source.mend(id);
  await clock.advance(2 * MINUTE);
  expect([await view('__proto__'), await view('constructor')]).toMatchObject([{ version: 1 }, { version: 1 }]);
});

test('what a page could not show is late no longer when the source shows it again, newer or not', async () => {
  const { source, clock, start, events } = world();
  source.set('s1', 1, 'good');
  start();
  await clock.advance(1_000);
  const { changes } = source;
  source.changes = async (request, signal) =>
    request.after === undefined ? changes(request, signal) : { kind: 'start-over', why: 'replaced' };
  source.fail('s1');
  await clock.advance(MINUTE);
  source.changes = changes;
  await clock.advance(MINUTE);
  const last = () => events.findLast(({ kind }) => kind === 'followed');
  expect(last()).toMatchObject({ changes: 0, late: 1, since: expect.any(Number) });
  source.mend('s1');
  await clock.advance(MINUTE);
  expect(last()).toMatchObject({ changes: 0, late: 0, since: null });
});

test('a late change of a log that was replaced is not waited for', async () => {
  const { source, clock, start, events, view } = world();
  source.set('s1', 1, 'good');
  start();
  await clock.advance(1_000);
  source.set('s2', 9, 'never shown');
  source.fail('s2');
  await clock.advance(MINUTE);
  const { changes } = source;
  source.changes = async (request, signal) =>
    request.after === undefined ? changes(request, signal) : { kind: 'start-over', why: 'replaced' };
  source.set('s2', 5, 'restored');
  source.mend('s2');
  await clock.advance(MINUTE);
  source.changes = changes;
  await clock.advance(MINUTE);
  expect(events.findLast(({ kind }) => kind === 'followed')).toMatchObject({ late: 0 });
  expect(await view('s2')).toMatchObject({ version: 5 });
});

test('a source that always says that its log was replaced is not read again and again', async () => {
  const { source, clock, start } = world();
  for (let n = 0; n < 10; n++) source.set(`s${n}`, 1, 'x');
  const { changes, page } = source;
  let pages = 0;
  source.page = (after, signal) => {
    pages++;
    return page(after, signal);
  };
  source.changes = async (request, signal) =>
    request.after === undefined ? changes(request, signal) : { kind: 'start-over', why: 'replaced' };
  start();
  await clock.advance(10 * MINUTE);
  expect(pages).toBeLessThan(30);
});

test('a feed whose cursors never come to its head is asked no faster than it changes', async () => {
  const { source, clock, start } = world();
  let asked = 0;
  source.changes = async (_, signal) => {
    await clock.sleep(5, signal);
    return { kind: 'changes', changes: [], next: `n${asked++}`, head: 'never' };
  };
  start();
  await clock.advance(MINUTE);
  expect(asked).toBeLessThan(300);
});

test('a feed whose cursors go round in a circle is told as such, and asked no more than now and then', async () => {
  const { source, clock, start, events } = world();
  source.set('s1', 1, 'x');
  let asked = 0;
  source.changes = async ({ after }, signal) => {
    await clock.sleep(5, signal);
    asked++;
    const next = `c${(Number(after?.slice(1) ?? 0) + 1) % 7}`;
    if (after === undefined) return { kind: 'changes', changes: [], next, head: next };
    const change = { id: 's1', type: 'shop.registered', version: 1, gone: false };
    return { kind: 'changes', changes: [change], next, head: 'h' };
  };
  start();
  await clock.advance(MINUTE);
  expect(asked).toBeLessThan(100);
  const reason = expect.stringMatching(/goes round in a circle/);
  expect(events).toContainEqual({ kind: 'follow-failed', reason });
});
