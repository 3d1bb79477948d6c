import { expect, test } from 'vitest';
import { createFreshness } from '../../../consumers/freshness.ts';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { writeAttributes } from '../../../contracts/wire/attributes.ts';
import { smallWorld } from '../../support/worker.ts';

const MINUTE = 60_000;

/** Attributes of version 2, which occurred then. */
const attributesAt = (occurredAt: number) => writeAttributes('shop.opened', { version: 2, occurredAt });

const message = { messageId: '', receiptHandle: '', body: '', attributes: {}, receiveCount: 1, sentAt: 0 };

function measured() {
  const clock = virtualClock();
  const freshness = createFreshness(clock);
  /** Rings that became visible so many milliseconds after their change. */
  const seen = (...ages: number[]) => {
    for (const age of ages) {
      const ring = { id: 'a', type: 'shop.opened', occurredAt: clock.now() - age, message };
      const outcome = { outcome: 'applied', version: 1, gone: false, at: clock.now(), ms: 1 } as const;
      freshness.observe({ kind: 'settled', ring, ...outcome });
    }
  };
  const checked = (more: Partial<ConsumerEvent & { kind: 'followed' }> = {}) =>
    freshness.observe({ kind: 'followed', changes: 0, late: 0, isBehind: false, since: null, ...more });
  return { clock, seen, checked, report: freshness.report, observe: freshness.observe };
}

test('a window without one reading of the feed to its end is unknown, however fast all rings were', async () => {
  const { clock, seen, checked, report } = measured();
  seen(10, 10, 10);
  expect(report()).toEqual({ behind: null, checkedSecondsAgo: null, visible: { '5m': null, '1h': null, '1d': null } });
  checked({ isBehind: true, since: clock.now() - 2_000 });
  expect(report()).toMatchObject({ behind: { changes: 0, seconds: 2, more: true }, visible: { '1d': null } });
  checked();
  const all = { changes: 3, within: { 1: 1, 10: 1, 60: 1 } };
  expect(report()).toMatchObject({ checkedSecondsAgo: 0, visible: { '5m': all, '1h': all, '1d': all } });
  await clock.advance(6 * MINUTE);
  // Nothing is known of what came since, so nothing is said of it.
  expect(report()).toMatchObject({
    behind: null,
    checkedSecondsAgo: 360,
    visible: { '5m': null, '1h': all, '1d': all },
  });
  await clock.advance(24 * 60 * MINUTE);
  expect(report().visible).toEqual({ '5m': null, '1h': null, '1d': null });
});

test('shares are of all changes, and one that is not visible yet counts against all of them', () => {
  const { seen, checked, report } = measured();
  seen(1_000, 1_001, 10_000, 10_001, 60_000, 60_001, 999);
  checked({ late: 1, since: 0 });
  expect(report().visible['5m']).toEqual({ changes: 8, within: { 1: 2 / 8, 10: 4 / 8, 60: 6 / 8 } });
});

test('an event that rings again, or whose time is not plausible, counts nowhere', () => {
  const { clock, checked, observe, report } = measured();
  const settled = (more: object): ConsumerEvent => {
    const ring = { id: 'a', type: 'shop.opened', occurredAt: 0, message, ...more };
    return { kind: 'settled', ring, outcome: 'applied', version: 1, gone: false, at: clock.now(), ms: 1 };
  };
  observe(settled({ lane: 'replay' }));
  observe(settled({}));
  observe(settled({ occurredAt: clock.now() + 1 }));
  checked();
  expect(report().visible['5m']).toEqual({ changes: 0, within: { 1: 1, 10: 1, 60: 1 } });
});

test('a change whose ring is lost counts as one that was late, and a rung one as one that was not', async () => {
  const world = smallWorld({ follow: {} });
  const { clock, source, queue, start, events } = world;
  const freshness = createFreshness(clock);
  const reportOf = () => {
    for (const event of events.splice(0)) freshness.observe(event);
    return freshness.report();
  };
  source.set('a', 1, 'first');
  start();
  await clock.advance(1_000);
  source.set('a', 2, 'rung');
  queue.sendBody(JSON.stringify({ id: 'a', type: 'shop.opened' }), attributesAt(clock.now()));
  await clock.advance(1_000);
  source.set('a', 3, 'not rung');
  await clock.advance(MINUTE);
  expect(reportOf()).toMatchObject({
    behind: { changes: 0, seconds: 0, more: false },
    visible: { '5m': { changes: 2, within: { 1: 1 / 2, 10: 1 / 2, 60: 1 } } },
  });
  source.set('b', 1, 'can not be shown');
  source.fail('b');
  await clock.advance(2 * MINUTE);
  const { behind } = reportOf();
  expect(behind).toMatchObject({ changes: 1, more: false });
  expect(behind?.seconds).toBeGreaterThan(110);
});
