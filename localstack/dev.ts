import { parseArgs } from 'node:util';
import { agreements } from '../contracts/agreements/all.ts';
import { type Broker, startBroker } from './broker.ts';
import { type DevConfig, readDevConfig, variableOfPort } from './dev/config.ts';
import { type Home, openHome, type RunInfo } from './dev/home.ts';
import { printReady, printSummary, troubleLine } from './dev/print.ts';
import { createRingLog, type RingLog } from './dev/ring-log.ts';
import { describeSeed, seed } from './dev/seed.ts';
import { createStats, type Stats } from './dev/stats.ts';
import { startPostgres } from './postgres.ts';
import { type System, startSystem } from './system.ts';
import { count, paint, seconds, terminal } from './terminal.ts';

/** 8 s: a first start is ready within ten, also where the views need longer to catch up. */
const WAIT_FOR_VIEWS = 8_000;

/** `npm start`: everything in one process, on embedded parts, until Ctrl-C. */
async function main(): Promise<void> {
  const begin = performance.now();
  const { fresh, help } = readArguments();
  if (help) return terminal.line(USAGE);
  const config = readDevConfig(process.env);
  const stopping = stopOnSignal();
  const isEmbedded = config.broker === null && config.databaseUrl === null;
  terminal.line(
    `${paint('bold', 'Doorbell')} · ${isEmbedded ? 'embedded (no Docker, no AWS account)' : 'with parts of your own'}`,
  );
  await using cleanup = new AsyncDisposableStack();
  const home = openHome(config.home, { fresh, consumers: agreements.map(({ name }) => name) });
  cleanup.defer(() => home.release());
  const { databaseUrl, broker } = await startParts(config, home, cleanup);
  const watch = createWatch();
  const system = await timed(
    'services',
    () => startServices(config, home, databaseUrl, broker, watch),
    () => servicesNote,
  );
  cleanup.defer(async () => {
    if (!(await system.stop())) process.exitCode = 1;
    watch.rings.flush();
    printSummary(watch.stats);
  });
  home.announce(runInfo(system, broker));
  await fill(system, home, watch, stopping);
  if (!stopping.aborted) await printReady(system, performance.now() - begin);
  watch.live = true;
  await untilStopped(system, stopping);
  terminal.line(paint('dim', 'Stopping: what is in hand is finished, the rest goes back to the queues.'));
}

const USAGE = `npm start                    everything in one process, on embedded parts, until Ctrl-C
npm start -- --fresh         the same, after forgetting what was there
npm run doorbell -- --help   what can be asked of it while it runs`;

/** npm keeps `--fresh` to itself when the two dashes before it were forgotten, and tells us in the environment. */
function readArguments(): { fresh: boolean; help: boolean } {
  const options = { fresh: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArgs({ options });
  return { fresh: values.fresh === true || process.env.npm_config_fresh === 'true', help: values.help === true };
}

const servicesNote = `1 topic, ${agreements.length} queues and their dead-letter queues, publisher, ${agreements.map(({ name }) => name).join(', ')}`;

/** What is watched: rings as lines once everything is ready, and counts from the start. */
type Watch = { rings: RingLog; stats: Stats; live: boolean };

function createWatch(): Watch {
  const watch: Watch = {
    rings: createRingLog({
      consumers: agreements,
      print: (line) => {
        if (watch.live) terminal.line(line);
      },
    }),
    stats: createStats(),
    live: false,
  };
  return watch;
}

/** Database and broker, both at once. What was started is put on the stack, to be stopped in reverse. */
async function startParts(
  config: DevConfig,
  home: Home,
  cleanup: AsyncDisposableStack,
): Promise<{ databaseUrl: string; broker: Broker }> {
  const [database, broker] = await Promise.allSettled([
    config.databaseUrl === null
      ? startEventStore(config, home)
      : Promise.resolve({ url: config.databaseUrl, stop: async () => {} }),
    config.broker === null
      ? startEmbeddedBroker(home)
      : Promise.resolve({ client: config.broker, stop: async () => {} }),
  ]);
  for (const part of [database, broker]) if (part.status === 'fulfilled') cleanup.defer(part.value.stop);
  if (database.status === 'rejected') throw database.reason;
  if (broker.status === 'rejected') throw broker.reason;
  return { databaseUrl: database.value.url, broker: broker.value };
}

function startEventStore(config: DevConfig, home: Home) {
  const options = { folder: home.path('pg'), password: home.secrets.postgresPassword };
  const how = { created: 'created', started: 'kept from before', adopted: 'left behind by a killed process, adopted' };
  return timed(
    'event store',
    () => startPostgres(options),
    ({ data, state }) => `PostgreSQL in ${relative(config, data)} (${how[state]}; npm start -- --fresh begins anew)`,
  );
}

function relative({ home }: DevConfig, data: string): string {
  return data.startsWith('/var/lib/') ? data : `${home}/pg`;
}

function startEmbeddedBroker(home: Home): Promise<Broker> {
  return timed(
    'broker',
    () => startBroker(home.path('broker')),
    ({ client }) => `SNS and SQS by fauxqs on ${client.endpoint}`,
  );
}

function startServices(
  config: DevConfig,
  home: Home,
  databaseUrl: string,
  { client }: Broker,
  { rings, stats }: Watch,
): Promise<System> {
  return startSystem({
    databaseUrl,
    broker: client,
    views: home.path('views'),
    tokens: home.secrets.sourceTokens,
    ports: config.ports,
    onRelay(event) {
      stats.relay(event);
      if (event.kind === 'rung') rings.rung(event.rings);
      if (event.kind === 'leading') rings.resume(event.position);
      trouble(troubleLine('relay', event));
    },
    onConsumer(name, event) {
      stats.consumer(event);
      if (event.kind === 'settled') rings.settled(name, event);
      trouble(troubleLine(name, event));
    },
    onError: (error) => terminal.error(`publisher: ${error.message}`),
  });
}

function trouble(line: string | null): void {
  if (line !== null) terminal.error(`${paint('yellow', '!')} ${line}`);
}

/** The first import, and the views that follow from it. */
async function fill(system: System, home: Home, { rings, stats }: Watch, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const seeded = await seed(system, home, signal);
  if (seeded === null || signal.aborted) return;
  terminal.done('shops', `${seconds(performance.now() - start)}  ${describeSeed(seeded)}`);
  const settled = await within(WAIT_FOR_VIEWS, rings.untilSettled(seeded.result?.registered ?? 0));
  const { rung, requests } = stats.read();
  const note = settled ? 'every view as new as its shop' : 'still catching up';
  terminal.done(
    'views',
    `${seconds(performance.now() - start)}  ${count(rung)} rings, ${count(requests)} requests: ${note}`,
  );
  stats.resetLatency();
}

async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return done;
}

function runInfo({ publisherUrl, consumers }: System, { client }: Broker): RunInfo {
  return {
    publisherUrl,
    ...(client.endpoint && { brokerUrl: client.endpoint }),
    consumers: Object.fromEntries(consumers.map(({ name, url, views }) => [name, { url, views }])),
  };
}

/** Aborts at the first Ctrl-C or SIGTERM; a second Ctrl-C ends the process as it stands. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  return controller.signal;
}

async function untilStopped({ publisher }: System, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([stopped, publisher.relay]);
}

async function timed<Result>(
  what: string,
  work: () => Promise<Result>,
  note: (result: Result) => string,
): Promise<Result> {
  const start = performance.now();
  const result = await work();
  terminal.done(what, `${seconds(performance.now() - start)}  ${note(result)}`);
  return result;
}

/** Both sides have a PortTaken of their own; either says which port. */
function explain(error: Error & { port?: number }): string {
  if (error.name !== 'PortTaken' || error.port === undefined) return error.message;
  const variable = variableOfPort(readDevConfig(process.env).ports, error.port);
  return `${error.message} Choose another one: ${variable}=${error.port > 65_000 ? error.port - 100 : error.port + 100} npm start`;
}

main().catch((error: Error) => {
  terminal.error(`${paint('red', '✖')} ${explain(error)}`);
  process.exitCode = 1;
});
