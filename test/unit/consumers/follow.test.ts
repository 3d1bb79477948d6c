import { expect, test } from 'vitest';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { smallWorld } from '../../support/worker.ts';

const MINUTE = 60_000;

/** A consumer that follows the feed, with views of all that the source has. */
async function world(limits: Parameters<typeof smallWorld>[0] = {}) {
  const small = smallWorld({ follow: {}, ...limits });
  const { source, clock, events } = small;
  const of = <Kind extends ConsumerEvent['kind']>(kind: Kind) =>
    events.filter((event): event is ConsumerEvent & { kind: Kind } => event.kind === kind);
  /** Starts it with ten resources, and waits until it has them. */
  async function started(resources = 10) {
    for (let n = 0; n < resources; n++) source.set(`s${n}`, 1, `name ${n}`);
    const worker = small.start();
    await clock.advance(1_000);
    expect(of('refilled')).toEqual([{ kind: 'refilled', resources }]);
    source.looks.length = 0;
    events.length = 0;
    return worker;
  }
  return { ...small, of, started };
}

test('an empty store is filled by pages, without a ring, however many pages there are', async () => {
  const { started, view, source } = await world();
  await started(250);
  expect(await view('s249')).toEqual({ id: 's249', version: 1, view: { title: 'NAME 249' } });
  expect(source.looks).toEqual([]);
});

test('a change that no ring tells of is in the view within a minute, a gone one too', async () => {
  const { started, source, clock, view, of } = await world();
  await started();
  source.set('s3', 2, 'new');
  source.set('s4', 2, null);
  source.set('s10', 1, 'born');
  await clock.advance(MINUTE);
  expect(await view('s3')).toMatchObject({ version: 2, view: { title: 'NEW' } });
  expect(await view('s4')).toEqual({ id: 's4', version: 2, view: null });
  expect(await view('s10')).toMatchObject({ version: 1 });
  expect(of('missed')).toEqual([{ kind: 'missed', changes: 3 }]);
});

test('a change that was rung costs no call, and one whose ring is on its way is waited for', async () => {
  const { started, source, queue, clock, of } = await world();
  await started();
  for (let n = 0; n < 10; n++) {
    source.set(`s${n}`, 2, 'rung');
    queue.send(`s${n}`, 2);
  }
  await clock.advance(1_000);
  const looks = source.looks.length;
  await clock.advance(MINUTE);
  expect([source.looks.length, of('missed')]).toEqual([looks, []]);
  source.set('s1', 3, 'late');
  clock.after(31_000, () => queue.send('s1', 3));
  await clock.advance(MINUTE);
  expect(of('missed')).toEqual([]);
});

test('what happened while the consumer was stopped is found at once after its start', async () => {
  const { started, source, clock, start, view } = await world();
  const worker = await started();
  const stopped = worker.stop();
  await clock.advance(10_000);
  await stopped;
  source.set('s1', 2, 'meanwhile');
  start();
  await clock.advance(6_000);
  expect(await view('s1')).toMatchObject({ version: 2 });
});

test('the cursor does not pass a change that the source does not show, but the others do', async () => {
  const { started, source, clock, view, of } = await world();
  await started();
  const changedAt = clock.now();
  source.set('s1', 2, 'hidden');
  source.set('s2', 2, 'shown');
  source.fail('s1');
  await clock.advance(2 * MINUTE);
  expect(await view('s2')).toMatchObject({ version: 2 });
  expect(of('followed')).toContainEqual({ kind: 'followed', changes: 2, late: 1, isBehind: false, since: changedAt });
  source.mend('s1');
  await clock.advance(MINUTE);
  expect(await view('s1')).toMatchObject({ version: 2, view: { title: 'HIDDEN' } });
});

test('nothing is lost in an outage, and nothing is buried', async () => {
  const { started, source, clock, view, deadLetters } = await world();
  await started();
  source.isAway = true;
  source.set('s1', 2, 'away');
  await clock.advance(10 * MINUTE);
  source.isAway = false;
  await clock.advance(2 * MINUTE);
  expect(await view('s1')).toMatchObject({ version: 2 });
  expect(deadLetters.size()).toBe(0);
});

test('a change that can never be a view becomes a dead letter once, and holds up no other', async () => {
  const { started, source, clock, view, queue } = await world();
  await started();
  source.refuse('s1', new SourceRefused('agreement-broken', 200, 'name: expected string'));
  source.set('s1', 2, 'bad');
  source.set('s2', 2, 'good');
  await clock.advance(5 * MINUTE);
  expect(await view('s2')).toMatchObject({ version: 2 });
  expect(queue.dead.map(({ reason, message }) => [reason, message.body])).toEqual([
    ['agreement-broken', '{"id":"s1","type":"shop.registered"}'],
  ]);
});

test('a change that was rung and became a dead letter is not looked at again', async () => {
  const { started, source, clock, queue, of } = await world();
  await started();
  source.refuse('s1', new SourceRefused('agreement-broken', 200, 'name: expected string'));
  source.set('s1', 2, 'bad');
  queue.send('s1', 2);
  await clock.advance(5 * MINUTE);
  expect([queue.dead.length, source.looks.length, of('missed')]).toEqual([1, 1, []]);
});

test('after a log that was replaced or that forgot, all pages are read', async () => {
  const { started, source, clock, of, view } = await world();
  await started();
  source.set('s1', 2, 'quiet');
  for (const why of ['replaced', 'expired'] as const) {
    const { changes } = source;
    source.changes = async (request, signal) =>
      request.after === undefined ? changes(request, signal) : { kind: 'start-over', why };
    await clock.advance(MINUTE);
    source.changes = changes;
    await clock.advance(MINUTE);
  }
  expect(of('feed-lost').map(({ why }) => why)).toEqual(expect.arrayContaining(['replaced', 'expired']));
  expect(await view('s1')).toMatchObject({ version: 2 });
});

test('a source without a feed is followed by its pages, which is said once', async () => {
  const { source, start, clock, of, view } = await world();
  source.changes = async () => ({ kind: 'no-feed' });
  source.set('a', 1, 'first');
  start();
  await clock.advance(MINUTE);
  expect(await view('a')).toMatchObject({ version: 1 });
  source.set('a', 2, 'second');
  await clock.advance(3 * 60 * MINUTE);
  expect(await view('a')).toMatchObject({ version: 2 });
  expect(of('no-feed')).toHaveLength(1);
});

test('a feed that is not believed, or that never comes to an end, ends no consumer', async () => {
  const { started, source, clock, of } = await world();
  await started();
  const { changes } = source;
  source.changes = async () => Promise.reject(new SourceRefused('agreement-broken', 200, 'the feed goes back'));
  await clock.advance(MINUTE);
  expect(of('follow-failed')[0]).toEqual({ kind: 'follow-failed', reason: 'the feed goes back' });
  let asked = 0;
  source.changes = async ({ after }) => {
    asked++;
    return { kind: 'changes', changes: [], next: after ?? 'x', head: 'never' };
  };
  await clock.advance(MINUTE);
  expect(asked).toBeLessThan(5);
  source.changes = changes;
  await clock.advance(MINUTE);
});

test('of two workers on one store one follows, and the other when that one stops', async () => {
  const { started, source, clock, start, of } = await world();
  const first = await started();
  const second = start();
  const asked: number[] = [];
  const { changes } = source;
  source.changes = (request, signal) => {
    asked.push(clock.now());
    return changes(request, signal);
  };
  await clock.advance(5 * MINUTE);
  // One question every 24 to 36 s.
  expect(asked.length).toBeGreaterThan(7);
  expect(asked.length).toBeLessThan(14);
  const stopped = first.stop();
  await clock.advance(10_000);
  await stopped;
  asked.length = 0;
  await clock.advance(2 * MINUTE);
  expect(asked.length).toBeGreaterThan(1);
  expect(of('follow-failed')).toEqual([]);
  const ended = second.stop();
  await clock.advance(10_000);
  await ended;
});

test('a refill that is cut off goes on where it was', async () => {
  const { source, start, clock, of } = await world();
  for (let n = 0; n < 1_000; n++) source.set(`s${n}`, 1, 'x');
  const pages: string[] = [];
  const { page } = source;
  source.page = (after, signal) => {
    pages.push(after);
    return page(after, signal);
  };
  const worker = start();
  await clock.advance(30);
  const stopped = worker.stop();
  await clock.advance(10_000);
  await stopped;
  const seen = pages.length;
  expect(seen).toBeGreaterThan(1);
  expect(seen).toBeLessThan(10);
  start();
  await clock.advance(1_000);
  expect(of('refilled')).toEqual([{ kind: 'refilled', resources: 1_000 }]);
  expect(pages.length).toBeLessThanOrEqual(11);
});
