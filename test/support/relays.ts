import { onTestFinished } from 'vitest';
import { type Database, openClient, openReplication } from '../../publisher/postgres/database.ts';
import { logRelay } from '../../publisher/relay/log/log-relay.ts';
import { openPositionRelay } from '../../publisher/relay/position-relay.ts';
import type { OpenRelay, Relay, RelayDeps } from '../../publisher/relay/relay.ts';
import { type ChangeLog, changeLogs } from './change-logs.ts';
import { until } from './wait.ts';

const never = new AbortController().signal;

/** Makes a relay on a database for a suite that every relay must pass. It is closed when the test is over. */
export type MakeRelay = (deps: RelayDeps, url: string) => Promise<Relay>;

/** How the publisher opens a relay of either kind on a database. */
export const openers: Record<'position' | 'log', (url: string, onReady?: () => void, slotLimit?: number) => OpenRelay> =
  {
    position: () => openPositionRelay,
    log: (url, onReady = () => {}, slotLimit = 2 ** 30) =>
      logRelay({ connect: () => openReplication(url), onReady, slotLimit }),
  };

/** Makes the relay of a kind over a change log. */
export function makeRelayBy(kind: 'position' | 'log', log?: ChangeLog): MakeRelay {
  return async (deps, url) => {
    if (kind === 'log') forgetSlotAfterTest(url, log);
    const relay = await openers[kind](url)(deps, await deps.log.raiseEpoch(deps.name), never);
    onTestFinished(() => relay.close());
    return relay;
  };
}

/** A slot belongs to the server, which has few, and outlives the rows of a test. */
export function forgetSlotAfterTest(url: string, { open }: ChangeLog = changeLogs.shops): void {
  onTestFinished(async () => {
    const client = await openClient(url);
    const { replication } = open(client);
    const slot = await replication.name();
    await until(async () => !(await replication.read(slot))?.active);
    if ((await replication.read(slot)) !== null) await replication.drop(slot);
    await client.end();
  });
}

/** Waits until a log relay streams: what is committed while it catches up with a new slot may be rung twice. */
export async function untilStreaming(
  database: Database,
  { open, tables }: ChangeLog = changeLogs.shops,
): Promise<void> {
  const { replication } = open(database);
  const slot = await replication.name();
  await until(async () => {
    // A slot that is being made is active, too. What must be caught up with was marked before, so the slot is read first.
    if (!(await replication.read(slot))?.active) return false;
    const { rows } = await database.query<{ isBehind: boolean }>(
      `select bool_or(catching_up) as "isBehind" from ${tables.checkpoints}`,
    );
    return rows[0]?.isBehind === false;
  });
}

/** What one writes first: whatever is above the last id that was seen. It loses events, and the suite must show it. */
export const naiveRelay: MakeRelay = async ({ log, publish }) => {
  let last = 0;
  return {
    async step(signal) {
      const rings = await log.readAfter(last, 1_000);
      for (let n = 0; n < rings.length; n += 10) await publish(rings.slice(n, n + 10), signal);
      last = rings.at(-1)?.position ?? last;
      return rings.length === 0 ? 'idle' : 'delivered';
    },
    checkpoint: () => ({ position: last, epoch: 0, catchingUp: false }),
    close: async () => {},
  };
};
