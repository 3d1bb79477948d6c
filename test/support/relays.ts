import { onTestFinished } from 'vitest';
import { type Database, openClient, openReplication } from '../../publisher/postgres/database.ts';
import { logRelay } from '../../publisher/relay/log/log-relay.ts';
import { openPositionRelay } from '../../publisher/relay/position-relay.ts';
import type { OpenRelay, Relay, RelayDeps } from '../../publisher/relay/relay.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
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

/** The relay that follows the event table. */
export const makePositionRelay: MakeRelay = makeBy('position');

/** The relays of the publisher, each with its name. */
export const relays: [string, MakeRelay][] = [
  ['position relay', makePositionRelay],
  ['log relay', makeBy('log')],
];

function makeBy(kind: 'position' | 'log'): MakeRelay {
  return async (deps, url) => {
    if (kind === 'log') forgetSlotAfterTest(url);
    const relay = await openers[kind](url)(deps, await deps.log.raiseEpoch(deps.name), never);
    onTestFinished(() => relay.close());
    return relay;
  };
}

/** A slot belongs to the server, which has few, and outlives the rows of a test. */
export function forgetSlotAfterTest(url: string): void {
  onTestFinished(async () => {
    const client = await openClient(url);
    const slot = await shopLog(client).replication.name();
    await until(async () => !(await shopLog(client).replication.read(slot))?.active);
    if ((await shopLog(client).replication.read(slot)) !== null) await shopLog(client).replication.drop(slot);
    await client.end();
  });
}

/** Waits until a log relay streams: what is committed while it catches up with a new slot may be rung twice. */
export async function untilStreaming(database: Database): Promise<void> {
  const slot = await shopLog(database).replication.name();
  await until(async () => {
    const { rows } = await database.query<{ isBehind: boolean }>(
      'select bool_or(catching_up) as "isBehind" from relay_checkpoint',
    );
    return rows[0]?.isBehind === false && (await shopLog(database).replication.read(slot))?.active;
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
