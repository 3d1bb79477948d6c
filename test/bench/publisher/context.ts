import type pg from 'pg';
import { createSnsPublish } from '../../../publisher/brokers/sns.ts';
import { openClient } from '../../../publisher/postgres/database.ts';
import type { Publish, Ring } from '../../../publisher/relay/ring.ts';
import type { Shop } from '../../../publisher/shops/domain/shop.ts';
import { clockMs } from '../clock.ts';
import { benchShops } from './fill.ts';
import type { SubjectConfig } from './protocol.ts';

/** What a subject is given. */
export type Context = {
  databaseUrl: string;
  /** For what is not measured: tables, backlogs and checks. */
  database: pg.Client;
  /** The shops there are, as they were registered. */
  shops: readonly Shop[];
  sink: Sink;
  close: () => Promise<void>;
};

/** Where rings go. It takes one to ten at a time, and keeps the books. */
export type Sink = {
  publish: Publish;
  /** When each event reached it, and when it was through, by event id. */
  times: () => { reached: Map<string, number>; accepted: Map<string, number> };
  /** Rings accepted so far, those that came twice included. */
  count: () => number;
  /** Resolves once so many rings were accepted, with the time of the last. */
  after: (rings: number) => Promise<number>;
};

/** Writes one change of price, and answers with the event's id once it is committed. */
export type Write = (shop: number, version: number) => Promise<string>;

/** What is measured. A subject that can't do something leaves it out. */
export type Subject = {
  /** Makes what it needs besides the shops. */
  prepare: () => Promise<void>;
  /** Opens connections for so many clients. */
  openWriter?: (clients: number) => Promise<Write>;
  /** Opens connections for so many clients. Each changes the price of a product, and rings in the same transaction. */
  openBell?: (clients: number) => Promise<(client: number, product: number) => Promise<unknown>>;
  /** How many events it has stored since `prepare`. */
  countEvents?: () => Promise<number>;
  /** Lets so many events wait, as many shops as there are one after the other. */
  fillBacklog?: (events: number) => Promise<void>;
  startRelay?: () => void;
  /** How many events it still takes for not rung. */
  countWaiting?: () => Promise<number>;
  /** What the item of a shop cost at a version. */
  priceAsOf?: (shopId: string, version: number) => Promise<number | null>;
  stop: () => Promise<void>;
};

/** Opens what every subject is given. */
export async function openContext({ databaseUrl, topic }: SubjectConfig): Promise<Context> {
  const database = await openClient(databaseUrl);
  const sns = topic && createSnsPublish(topic);
  const noop: Publish = async (rings) => rings.map(() => ({ accepted: true }));
  return {
    databaseUrl,
    database,
    shops: benchShops(),
    sink: createSink(sns?.publish ?? noop),
    async close() {
      sns?.close();
      await database.end();
    },
  };
}

/** Little is done for each ring while the clock runs: the books are read afterwards. */
function createSink(publish: Publish): Sink {
  const calls: { start: number; end: number; accepted: Ring[] }[] = [];
  const waiting: { rings: number; resolve: (at: number) => void }[] = [];
  let count = 0;
  const timesOf = (key: 'start' | 'end') =>
    new Map(calls.flatMap((call) => call.accepted.map(({ eventId }) => [eventId, call[key]])));

  return {
    times: () => ({ reached: timesOf('start'), accepted: timesOf('end') }),
    count: () => count,
    after: (rings) => new Promise((resolve) => waiting.push({ rings, resolve })),
    async publish(rings, signal) {
      const start = clockMs();
      const deliveries = await publish(rings, signal);
      const end = clockMs();
      const accepted = rings.filter((_, n) => deliveries[n]?.accepted);
      calls.push({ start, end, accepted });
      count += accepted.length;
      for (const each of waiting) if (count >= each.rings) each.resolve(end);
      return deliveries;
    },
  };
}
