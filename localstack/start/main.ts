import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { consumersOf } from '../../contracts/wire/agreement.ts';
import { checkShopAgreements } from '../infrastructure/shop-agreements.ts';
import { paint, terminal } from '../terminal.ts';
import { type Backends, startBackends, timed } from './backends.ts';
import type { Broker } from './broker/broker.ts';
import { type Cleanup, createCleanup } from './cleanup.ts';
import { type DevConfig, readDevConfig, variableOfPort } from './config.ts';
import { fill } from './fill.ts';
import { type Home, openHome, type RunInfo } from './home.ts';
import { newsLine, printReady, printSummary, troubleLine } from './show/print.ts';
import { createRingLog, type RingLog } from './show/ring-log.ts';
import { createStats, type Stats } from './show/stats.ts';
import { type System, startSystem } from './system.ts';

/** Runs `npm start`: the whole system in one process, on embedded parts, until Ctrl-C. */
async function main(): Promise<void> {
  const { fresh, help } = readArguments();
  if (help) return terminal.line(USAGE);
  const cleanup = createCleanup();
  try {
    await run(readDevConfig(process.env), fresh, cleanup);
  } finally {
    await cleanup.run();
  }
}

async function run(config: DevConfig, fresh: boolean, cleanup: Cleanup): Promise<void> {
  const begin = performance.now();
  for (const warning of checkShopAgreements()) terminal.warn(warning);
  const stopping = stopOnSignal();
  const isEmbedded = config.broker === null && config.databaseUrl === null;
  terminal.line(
    `${paint('bold', 'Doorbell')} · ${isEmbedded ? 'embedded (no Docker, no AWS account)' : 'with a database or broker of your own'}`,
  );
  if (fresh && config.databaseUrl !== null)
    terminal.warn('--fresh empties the data folder only; the database of DATABASE_URL is not changed.');
  const home = openHome(config.home, { fresh, consumers: consumers.map(({ name }) => name) });
  cleanup.defer(() => home.release());
  const { broker, lost, ...database } = await startBackends(config, home, cleanup);
  const { rings, stats, news, goLive } = createWatch();
  const start = () => startServices(config, home, database, broker, { rings, stats, news });
  const system = await timed('services', start, () => servicesNote);
  cleanup.defer(async () => {
    if (!(await system.stop())) process.exitCode = 1;
    rings.flush();
    printSummary(stats);
  });
  home.announce(runInfo(system, broker, database));
  const filled = fill({ system, home, databaseUrl: database.databaseUrl, rings, stats }, stopping);
  const isFirst = await Promise.race([filled, lost]);
  if (!stopping.aborted) await printReady(system, home, performance.now() - begin);
  if (!stopping.aborted) goLive(isFirst === true);
  await untilStopped(system, stopping, lost);
  terminal.line(paint('dim', 'Stopping: finishing the work in hand; all other messages go back to their queues.'));
}

const USAGE = `npm start                    run the whole system in one process, on embedded parts, until Ctrl-C
npm start -- --fresh         the same, after deleting all data of earlier runs
npm run doorbell -- --help   list the commands for the running system`;

/** Reads the arguments. Without the two dashes npm reads `--fresh` itself, and passes it on in the environment. */
function readArguments(): { fresh: boolean; help: boolean } {
  const options = { fresh: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArgs({ options });
  return { fresh: values.fresh === true || process.env.npm_config_fresh === 'true', help: values.help === true };
}

const consumers = consumersOf(agreements);

const servicesNote = `1 topic, ${consumers.length} queues and their dead-letter queues, publisher, ${consumers.map(({ name }) => name).join(', ')}`;

/** Observers of the system: rings and news as lines once it is ready, and counts from its start. */
type Watch = { rings: RingLog; stats: Stats; news: (line: string | null) => void };

function createWatch(): Watch & { goLive: (isFirst: boolean) => void } {
  let isLive = false;
  let early: string[] = [];
  const print = (line: string) => {
    if (isLive) terminal.line(line);
  };
  const news = (line: string | null) => {
    if (line !== null && isLive) terminal.line(line);
    if (line !== null && !isLive) early.push(line);
  };
  // While the first shops are imported, what consumers read of them is no news.
  const goLive = (isFirst: boolean) => {
    if (!isFirst) for (const line of early) terminal.line(line);
    early = [];
    isLive = true;
  };
  return { rings: createRingLog({ consumers, print }), stats: createStats(), news, goLive };
}

function startServices(
  config: DevConfig,
  home: Home,
  database: Omit<Backends, 'broker' | 'lost'>,
  { client }: Broker,
  { rings, stats, news }: Watch,
): Promise<System> {
  return startSystem({
    ...database,
    broker: client,
    views: viewsOf(home, config.databaseUrl),
    tokens: home.secrets.sourceTokens,
    operatorToken: home.secrets.operatorToken,
    ports: config.ports,
    relay: config.relay,
    relayUrl: config.relay === 'log' ? database.ownerUrl : database.databaseUrl,
    onRelay(event) {
      stats.relay(event);
      if (event.kind === 'rung') rings.rung(event.rings);
      if (event.kind === 'leading') rings.resume(event.position);
      trouble(troubleLine('relay', event));
    },
    onConsumer(name, event) {
      stats.consumer(event);
      if (event.kind === 'settled') rings.settled(name, event);
      news(newsLine(name, event));
      trouble(troubleLine(name, event));
    },
    onError: (error) => terminal.error(`publisher: ${error.message}`),
  });
}

/** Chooses the folder for views. Each external database has its own, because its views belong to no other database. */
function viewsOf(home: Home, databaseUrl: string | null): string {
  if (databaseUrl === null) return home.path('views');
  const { host, pathname } = new URL(databaseUrl);
  return join(
    home.path('views'),
    createHash('sha256')
      .update(host + pathname)
      .digest('hex')
      .slice(0, 12),
  );
}

function trouble(line: string | null): void {
  if (line !== null) terminal.trouble(line);
}

function runInfo(
  { publisherUrl, consumers, provisioned }: System,
  { client }: Broker,
  { databaseUrl, ownerUrl }: Omit<Backends, 'broker' | 'lost'>,
): RunInfo {
  const nowhere = { queueUrl: '', deadLetterQueueUrl: '' };
  const places = consumers.map(({ name, url, views }) => {
    return [name, { url, views, ...(provisioned.consumers[name] ?? nowhere) }];
  });
  const { topicArn } = provisioned;
  const databases = { databaseUrl, databaseAdminUrl: ownerUrl };
  return { publisherUrl, ...databases, topicArn, broker: client, consumers: Object.fromEntries(places) };
}

/** Returns a signal that aborts at the first Ctrl-C or SIGTERM. A second Ctrl-C ends the process at once. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  // A reader such as `head` may close the pipe early. Then the system stops.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => controller.abort());
  stopWithNpm(() => controller.abort());
  return controller.signal;
}

/** Stops the system when npm ends: npm does not stop its child, which would run on without a terminal. */
function stopWithNpm(stop: () => void): void {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, 500).unref();
}

async function untilStopped({ publisher }: System, signal: AbortSignal, lost: Promise<never>): Promise<void> {
  if (signal.aborted) return;
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([stopped, publisher.relay, lost]);
}

/** Writes an error for people. Publisher and consumers each have a PortTaken error; both name the port. */
function explain(error: Error & { port?: number }): string {
  if (error.name !== 'PortTaken' || error.port === undefined) return error.message;
  const variable = variableOfPort(readDevConfig(process.env).ports, error.port);
  return `${error.message} Choose another port: ${variable}=${error.port > 65_000 ? error.port - 100 : error.port + 100} npm start`;
}

main().catch((error: Error) => {
  terminal.error(`${paint('red', '✖')} ${explain(error)}`);
  process.exitCode = 1;
});
