import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import type { EventLog } from '../../../publisher/relay/event-log.ts';
import { createPruning } from '../../../publisher/relay/pruning.ts';
import type { Relay, RelayEvent } from '../../../publisher/relay/relay.ts';
import { runRelay } from '../../../publisher/relay/run-relay.ts';
import { createWake } from '../../../publisher/relay/wake.ts';

const never = new AbortController().signal;
const MINUTE = 60_000;

/** A log with old changes, of which each call removes some and takes its time. */
function pruning({ old = 0, atOnce = 10_000, takes = 0 }) {
  const clock = virtualClock();
  const events: RelayEvent[] = [];
  const log = {
    old,
    calls: 0,
    async prune() {
      log.calls++;
      await clock.advance(takes);
      const pruned = Math.min(atOnce, log.old);
      log.old -= pruned;
      return pruned;
    },
  };
  return { clock, events, log, prune: createPruning({ log, clock, observe: (event) => void events.push(event) }) };
}

test('old changes are removed once a minute, and a minute without any says nothing', async () => {
  const { clock, events, log, prune } = pruning({ old: 3 });
  await prune(never);
  expect(log.calls).toBe(0);
  for (let second = 0; second < 180; second++) {
    await clock.advance(1_000);
    await prune(never);
  }
  expect(log.calls).toBe(3);
  expect(events).toEqual([{ kind: 'pruned', changes: 3 }]);
});

test('a full call is repeated at once, and one that is not full ends the round', async () => {
  const { clock, events, log, prune } = pruning({ old: 34_567, takes: 50 });
  await clock.advance(MINUTE);
  await prune(never);
  expect([log.calls, log.old]).toEqual([4, 0]);
  expect(events).toEqual([{ kind: 'pruned', changes: 34_567 }]);
});

test('a round ends after a second, and the next one goes on', async () => {
  const { clock, events, log, prune } = pruning({ old: 1_000_000, takes: 300 });
  for (let round = 1; round <= 2; round++) {
    await clock.advance(MINUTE);
    await prune(never);
    await prune(never);
    expect(log.calls).toBe(4 * round);
  }
  expect(events).toEqual([
    { kind: 'pruned', changes: 40_000 },
    { kind: 'pruned', changes: 40_000 },
  ]);
});

test('nothing is removed once the relay is stopping', async () => {
  const { clock, events, log, prune } = pruning({ old: 1_000_000 });
  const stopping = new AbortController();
  const { prune: call } = log;
  log.prune = () => call().finally(() => stopping.abort());
  await clock.advance(MINUTE);
  await prune(AbortSignal.abort());
  expect(log.calls).toBe(0);
  await clock.advance(MINUTE);
  await prune(stopping.signal);
  expect(log.calls).toBe(1);
  expect(events).toEqual([{ kind: 'pruned', changes: 10_000 }]);
});

test('a failure is told with what was removed before it, and the next minute tries again', async () => {
  const { clock, events, log, prune } = pruning({ old: 15_000 });
  const { prune: call } = log;
  log.prune = async () => {
    const pruned = await call();
    if (log.calls === 2) throw new Error('permission denied for function prune');
    return pruned;
  };
  for (const calls of [2, 3]) {
    await clock.advance(MINUTE);
    await prune(never);
    expect(log.calls).toBe(calls);
  }
  expect(events).toEqual([
    { kind: 'prune-failed', reason: 'permission denied for function prune' },
    { kind: 'pruned', changes: 10_000 },
  ]);
});

/** A leader whose database and steps are as good as can be. */
function leader({ poll, prune }: { poll?: number; prune: () => Promise<number> }) {
  const clock = virtualClock();
  const events: RelayEvent[] = [];
  const client = Object.assign(new EventEmitter(), {
    query: async () => ({ rows: [{ standby: false }] }),
    end: async () => {},
  });
  const checkpoint = { position: 0, epoch: 1, catchingUp: false };
  const log = {
    lead: async () => true,
    listen: async () => {},
    raiseEpoch: async () => checkpoint,
    last: async () => 0,
    prune,
  };
  const relay = { steps: 0, isStepping: false };
  const open = async (): Promise<Relay> => ({
    async step() {
      relay.isStepping = true;
      await new Promise(setImmediate);
      relay.isStepping = false;
      relay.steps++;
      return 'idle';
    },
    checkpoint: () => checkpoint,
    close: async () => {},
  });
  const stopping = new AbortController();
  const done = runRelay(
    {
      connect: async () => client as never,
      openLog: () => log as unknown as EventLog,
      publish: async () => [],
      clock,
      wake: createWake(clock),
      observe: (event) => void events.push(event),
      open,
      ...(poll !== undefined && { poll }),
    },
    stopping.signal,
  );
  onTestFinished(() => stopping.abort());
  return { clock, events, relay, stopping, done };
}

/** Lets steps go on that take a turn of the event loop each. */
async function pass(clock: { advance: (ms: number) => Promise<void> }, ms: number): Promise<void> {
  for (let past = 0; past < ms; past += 25) {
    await clock.advance(25);
    await new Promise(setImmediate);
  }
}

test('the leader removes old changes between two steps, goes on after a failure, and ends when it is stopped', async () => {
  let calls = 0;
  const { clock, events, relay, stopping, done } = leader({
    async prune() {
      expect(relay.isStepping).toBe(false);
      if (++calls === 1) throw new Error('no right');
      return calls;
    },
  });
  await pass(clock, 130_000);
  expect(events.map(({ kind }) => kind)).toEqual(['leading', 'prune-failed', 'pruned']);
  const { steps } = relay;
  await pass(clock, 200);
  expect(relay.steps).toBeGreaterThan(steps);
  stopping.abort();
  await done;
  expect(calls).toBe(2);
});

test.each([
  [undefined, 100],
  [25, 25],
])('with a poll of %s ms the relay looks every %i ms', async (poll, ms) => {
  const { clock, relay } = leader({ ...(poll !== undefined && { poll }), prune: async () => 0 });
  await pass(clock, 200);
  const { steps } = relay;
  await pass(clock, 1_000);
  expect(relay.steps - steps).toBe(1_000 / ms);
});
