import { onTestFinished } from 'vitest';
import { openRelayClient } from '../../publisher/postgres/database.ts';
import type { RelayEvent } from '../../publisher/relay/relay.ts';
import type { Publish, Ring } from '../../publisher/relay/ring.ts';
import { runRelay } from '../../publisher/relay/run-relay.ts';
import { createWake } from '../../publisher/relay/wake.ts';
import { type Clock, systemClock } from '../../publisher/system.ts';
import { type ChangeLog, changeLogs } from './change-logs.ts';
import { openers } from './relays.ts';

/** A relay that runs by itself, with everything it said and rang. */
export type RunningRelay = {
  rung: Ring[];
  events: RelayEvent[];
  ids: () => string[];
  said: (kind: RelayEvent['kind']) => boolean;
  done: Promise<void>;
  stop: () => Promise<void>;
};

export type RunOptions = {
  kind: 'position' | 'log';
  /** The shops' event table by default. */
  log?: ChangeLog;
  /** Asked at every connection: a server that was restarted has another port. */
  url: () => string;
  publish?: Publish;
  clock?: Clock;
  slotLimit?: number;
};

/** Starts a relay that takes every ring; it is stopped when the test is over. */
export function runningRelay(options: RunOptions): RunningRelay {
  const { kind, log = changeLogs.shops, url, publish, clock = systemClock, slotLimit } = options;
  const rung: Ring[] = [];
  const events: RelayEvent[] = [];
  const accept: Publish = async (rings) => {
    rung.push(...rings);
    return rings.map(() => ({ accepted: true }));
  };
  const stopping = new AbortController();
  const wake = createWake(clock);
  const done = runRelay(
    {
      connect: () => openRelayClient(url()),
      openLog: log.open,
      open: (...each) => openers[kind](url(), wake.wake, slotLimit)(...each),
      publish: publish ?? accept,
      clock,
      wake,
      observe: (event) => void events.push(event),
    },
    stopping.signal,
  );
  const stop = async () => {
    stopping.abort();
    await done;
  };
  onTestFinished(() => stop().catch(() => {}));
  return {
    rung,
    events,
    ids: () => rung.map(({ id }) => id),
    said: (kind) => events.some((e) => e.kind === kind),
    done,
    stop,
  };
}
