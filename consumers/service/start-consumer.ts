import { resolve } from 'node:path';
import { createFreshness } from '../freshness.ts';
import { type Listening, listen } from '../listen.ts';
import { createLog, type LoggedEvent, writeJsonLine } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { viewApi } from '../query/app.ts';
import { createVersionWait } from '../query/min-version.ts';
import { type ConsumerEvent, guarded } from '../runtime/queue/events.ts';
import { type Clock, systemClock } from '../runtime/system.ts';
import type { ViewStore } from '../runtime/views/view-store.ts';
import { startWorker, type Worker } from '../runtime/worker.ts';
import { checkOptions } from './check-options.ts';
import { claim } from './claims.ts';
import { openBroker, openSource, openStore, placeOf } from './open.ts';
import type { SourcePort, StartOptions } from './options.ts';
import { createReadiness, type Health, type Readiness } from './readiness.ts';
import { type ServiceDeps, serviceApi } from './service-api.ts';
import { stopOnSignals } from './stop-signals.ts';
import { tellingWritten } from './written.ts';

export type { StartOptions } from './options.ts';

/** A running consumer. */
export type RunningConsumer = {
  /** Address of the server for health, metrics and queries, if there is one. */
  address?: { port: number; url: string };
  /** Reports whether the consumer can do its work, and the reason if it can't. */
  health: () => Health;
  /** Reports whether the views show all that the source has: false until a new store is filled. */
  ready: () => Promise<Readiness>;
  /** Returns the metrics in the text format of Prometheus. */
  metrics: () => Promise<string>;
  /** Stops it. True if everything in hand was finished in time; else it is delivered again. */
  stop: () => Promise<boolean>;
  /** Resolves when it has stopped, by `stop` or a signal, with what `stop` returns. */
  stopped: Promise<boolean>;
};

/**
 * Starts a consumer as a service: a worker that receives rings and keeps views up to date, with health, metrics and a
 * query API, a log, and a stop on signals. Throws a TypeError that names the option that is wrong, or PortTaken.
 */
export async function startConsumer<Resource, View>(options: StartOptions<Resource, View>): Promise<RunningConsumer> {
  checkOptions(options);
  const { clock = systemClock, signals = true } = options;
  const { name } = options.consumer.agreement;
  const telling = tellingOf(options, clock);
  const closing: (() => unknown)[] = [claim(name, claimsOf(options))];
  const close = async () => {
    for (const each of closing.toReversed()) await each();
  };
  // Before anything is said to run: a signal that comes while the parts open must not kill what has begun.
  const asked = {
    isAsked: false,
    stop(): void {
      asked.isAsked = true;
    },
  };
  const forget = signals ? stopOnSignals(() => asked.stop()) : () => {};
  const { worker, listening, ready } = await openAll(options, { ...telling, clock, closing }).catch(async (error) => {
    forget();
    await close();
    throw error;
  });
  const { promise: stopped, resolve: hasStopped } = Promise.withResolvers<boolean>();
  let stopping: Promise<void> | null = null;
  async function stopAll(): Promise<void> {
    forget();
    const clean = await worker.stop();
    await close();
    telling.log({ kind: 'stopped', clean });
    hasStopped(clean);
  }
  function stop(): Promise<boolean> {
    stopping ??= stopAll();
    return stopping.then(() => stopped);
  }
  asked.stop = () => void stop();
  if (asked.isAsked) asked.stop();
  const running = { health: worker.health, ready, metrics: telling.metrics.text, stop, stopped };
  return listening === null ? running : { ...running, address: addressOf(listening, options) };
}

type Telling = ReturnType<typeof tellingOf>;

/** Metrics, log and listener of a consumer. An error in one of them stops nothing. */
function tellingOf<Resource, View>(options: StartOptions<Resource, View>, clock: Clock) {
  const { consumer, log: write = writeJsonLine, observe: tell = () => {} } = options;
  const { name } = consumer.agreement;
  const freshness = createFreshness(clock);
  const metrics = createMetrics(name, freshness);
  const logged = write === false ? () => {} : createLog(name, clock, write);
  const log = guarded(logged as (event: ConsumerEvent) => void) as (event: LoggedEvent) => void;
  const listener = guarded(tell);
  const observe = (event: ConsumerEvent) => {
    metrics.observe(event);
    log(event);
    listener(event);
  };
  return { freshness, metrics, log, observe };
}

type Opening = Telling & { clock: Clock; closing: (() => unknown)[] };

async function openAll<Resource, View>(options: StartOptions<Resource, View>, opening: Opening) {
  const { clock, closing, observe } = opening;
  const { consumer, onWritten, window = 0 } = options;
  const opened = <Part>({ part, close }: { part: Part; close: () => unknown }): Part => {
    closing.push(close);
    return part;
  };
  const store = opened(await openStore(options, clock));
  const { queue, deadLetters } = opened(await openBroker(options.broker, clock));
  const source = opened(openSource(options, clock, observe));
  let health = (): Health => ({ isHealthy: false, reason: 'starting' });
  let look: Worker['look'] = async () => [];
  const versionWait = createVersionWait({ store, look: (...asked) => look(...asked), clock });
  const { follow = true, brake = true } = options;
  const feed = follow !== false && hasFeed(source) ? { feed: source } : {};
  const progress = feed.feed === undefined ? undefined : store.progress;
  const ready = createReadiness({ health: () => health(), progress });
  const listening = await openHttp(options, store, { ...opening, health: () => health(), ready, versionWait });
  const kept = onWritten === undefined ? store : tellingWritten(store, onWritten, { clock, observe });
  if (queue === 'feed' && (feed.feed === undefined || store.progress === undefined)) throw noTransport();
  const limits = { window, ...(typeof follow === 'object' && { follow }), ...(brake !== true && { brake }) };
  const ports = { consumer, queue, source, ...feed, store: kept, clock, observe, limits };
  const worker = startWorker({ ...ports, ...(deadLetters && { deadLetters }) });
  ({ health, look } = worker);
  return { worker, listening, ready };
}

const noTransport = () =>
  new TypeError(
    'startConsumer: broker is "feed", which needs a source with changes and page, a store with progress, and follow',
  );

/** True for a client that can follow a feed. */
const hasFeed = <Resource>(source: SourcePort<Resource>): source is Required<SourcePort<Resource>> =>
  source.changes !== undefined && source.page !== undefined;

async function openHttp<Resource, View>(
  { http = false, queryApi = views }: StartOptions<Resource, View>,
  store: Parameters<typeof queryApi>[0],
  { clock, closing, log, ...deps }: Opening & ServiceDeps,
): Promise<Listening | null> {
  if (http === false) return null;
  const { port, host = LOOPBACK, keepAlive } = http;
  const kept = keepAlive === undefined ? {} : { keepAliveTimeout: keepAlive * 1_000 };
  const listening = await listen(serviceApi(queryApi(store), deps), port, host, clock, kept);
  closing.push(listening.close);
  log({ kind: 'listening', port: listening.port });
  return listening;
}

const LOOPBACK = '127.0.0.1';

const views = <View>(store: ViewStore<View>) => viewApi(store, undefined, '/views/:id');

function addressOf({ port }: Listening, { http }: Pick<StartOptions<never, never>, 'http'>) {
  const { host = LOOPBACK } = http || {};
  return { port, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
}

/** What no second consumer of this process may use. */
function claimsOf<Resource, View>(options: StartOptions<Resource, View>) {
  const { broker } = options;
  const place = placeOf(options);
  const isFile = typeof place === 'string' && !/^(:memory:$|dynamodb:)/.test(place);
  const views = { option: 'store', thing: isFile ? resolve(place) : place, why: 'give it views of its own' };
  if (broker === 'feed') return place === ':memory:' ? [] : [views];
  const rings = {
    option: 'broker',
    thing: 'queue' in broker ? broker.queue : broker.queueUrl,
    why: 'each ring would reach only one of them',
  };
  return place === ':memory:' ? [rings] : [views, rings];
}
