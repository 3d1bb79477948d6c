import { Command } from 'commander';
import type pg from 'pg';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import { createSnsPublish } from '../../../publisher/brokers/sns.ts';
import { beginReplay, listReplays, type Replay, takeReplay } from '../../../publisher/shops/replay/replays.ts';
import { runReplay } from '../../../publisher/shops/replay/run-replay.ts';
import {
  countSelected,
  type Selection,
  type TypeCount,
  unknownShops,
} from '../../../publisher/shops/replay/selection.ts';
import { shopLog } from '../../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../../publisher/system.ts';
import { count, paint, progressBar, terminal } from '../../terminal.ts';
import { readAgreements } from '../agreements-file.ts';
import { createQueuePublish } from '../replay/queue-publish.ts';
import { findSystem, type SystemAccess } from './find-system.ts';
import {
  instantText,
  type ReplayOptions,
  readConsumer,
  readInstant,
  readNumber,
  readShopIds,
  readTypes,
  typesFor,
} from './replay-options.ts';
import { countsText, replaysText, replayText } from './replay-print.ts';
import { exit, interruptible } from './running.ts';
import { withDatabase } from './session.ts';

/** Rings a second. 500: about 15 minutes for 450,000 rings, and live rings still get through. */
const RATE = 500;

/** Makes `doorbell replay`, which rings again for past events, at all consumers or at one. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('ring again for past events; for each shop and type only the last event rings')
    .option('--types <types>', 'only these event types, separated by commas', readTypes)
    .option('--since <instant>', 'only events at or after this instant', readInstant)
    .option('--until <instant>', 'only events before this instant', readInstant)
    .option('--shops <ids>', 'only these shops, separated by commas', readShopIds)
    .option('--consumer <name>', 'ring only at the queue of this consumer, with the types that wake it', readConsumer)
    .option('--agreements <file>', 'the module that exports its agreement, if this repository does not know it')
    .option('--rate <rings>', 'the most rings a second', readNumber(10_000), RATE)
    .option('--resume <id>', 'go on with a replay that was interrupted', readNumber(2_147_483_647))
    .option('--list', 'show the last 20 replays')
    .option('--dry-run', 'only count the rings')
    .option('--json', 'print NDJSON')
    .action(replay);
}

async function replay(options: ReplayOptions, command: Command): Promise<void> {
  const selection = readSelection(options, await othersOf(options), command);
  const { home } = command.optsWithGlobals<{ home: string }>();
  const place = findSystem(home, process.env);
  const signal = interruptible();
  await withDatabase(place.databaseUrl, async (database) => {
    if (options.list) return print(replaysText(await listReplays(database, 20), options));
    if (options.resume !== undefined) return resume(database, options.resume, place, options, signal);
    return begin(database, selection, place, options, signal);
  });
}

/** Reads the agreements of the module that the options name; none without one. */
async function othersOf({ agreements }: ReplayOptions): Promise<readonly Agreement[]> {
  return agreements === undefined ? [] : (await readAgreements(agreements)).agreements;
}

/** Reads the selection from the options. Options that contradict each other end the program with a usage error. */
function readSelection(options: ReplayOptions, others: readonly Agreement[], command: Command): Selection {
  const { since = null, until = null, shops = null, consumer } = options;
  const { agreements } = options;
  if (agreements !== undefined && consumer === undefined)
    command.error('error: --agreements is read for one consumer: name it by --consumer');
  const isNarrowed = options.types !== undefined || since !== null || until !== null || shops !== null;
  if (options.resume !== undefined && (isNarrowed || consumer !== undefined || options.dryRun))
    command.error('error: --resume keeps the selection of the first run; only --rate and --json may stand beside it');
  if (since !== null && until !== null && since >= until) command.error('error: --since must be earlier than --until');
  try {
    const types = typesFor({ ...options, others });
    return { types, since: since && instantText(since), until: until && instantText(until), shops };
  } catch (error) {
    return command.error(`error: ${(error as Error).message}`);
  }
}

async function begin(
  database: pg.Client,
  selection: Selection,
  place: SystemAccess,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<void> {
  const unknown = await unknownShops(database, selection.shops ?? []);
  if (unknown.length > 0) return noSuch(`There is no shop ${unknown.join(', ')}. GET /shops lists all shops.`);
  const upto = await shopLog(database).last();
  const counts = await countUpTo(database, selection, upto, signal);
  const rings = ringsOf(counts);
  if (options.dryRun || rings === 0) return sayCounts(counts, options);
  const consumer = options.consumer ?? null;
  const publisher = openPublisher(place, consumer);
  try {
    const replay = await beginReplay(database, { selection, consumer, rings, upto });
    await takeReplay(database, replay.id);
    await ring(database, replay, publisher, options, signal);
  } finally {
    publisher.close();
  }
}

/** Prints a text, unless it is empty: NDJSON of no lines is empty. */
function print(text: string): void {
  if (text !== '') terminal.line(text);
}

function sayCounts(counts: TypeCount[], options: ReplayOptions): void {
  print(countsText(counts, options));
  if (options.dryRun && !options.json) terminal.line('Nothing was rung (--dry-run).');
}

const ringsOf = (counts: TypeCount[]) => counts.reduce((sum, { rings }) => sum + rings, 0);

async function countUpTo(database: pg.Client, selection: Selection, upto: number, signal: AbortSignal) {
  const bar = progressBar('counting');
  try {
    return await countSelected(database, selection, upto, bar.show, signal);
  } finally {
    bar.clear();
  }
}

async function resume(
  database: pg.Client,
  id: number,
  place: SystemAccess,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<void> {
  const replay = await takeReplay(database, id);
  if (replay === null)
    return noSuch(`There is no replay ${id}. To list all replays: npm run doorbell -- replay --list`);
  if (replay.state === 'done') return print(replayText(replay, null, options));
  const publisher = openPublisher(place, replay.consumer);
  try {
    await ring(database, replay, publisher, options, signal);
  } finally {
    publisher.close();
  }
}

function noSuch(text: string): void {
  terminal.error(`${paint('red', '✖')} ${text}`);
  process.exitCode = exit.notFound;
}

type RingPublisher = ReturnType<typeof createSnsPublish>;

/** Opens the topic, or the queue of one consumer. */
function openPublisher({ topic, queue }: SystemAccess, consumer: string | null): RingPublisher {
  return consumer === null ? createSnsPublish(topic()) : createQueuePublish(queue(consumer));
}

async function ring(
  database: pg.Client,
  replay: Replay,
  { publish }: RingPublisher,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<void> {
  const bar = progressBar('ringing');
  const start = performance.now();
  const watch = {
    onProgress: ({ rung, refused, rings }: Replay) => bar.show(rung + refused, rings),
    onRefused: ({ id, type }: { id: string; type: string }, reason: string) =>
      terminal.error(`${paint('red', '✖')} ${type} of ${id} is refused for good: ${reason}`),
    onRetry: (reason: string, rings: number, attempt: number) =>
      terminal.error(
        `${paint('yellow', '!')} ${count(rings)} rings were refused (${reason}); attempt ${attempt} follows`,
      ),
  };
  const goOn = `npm run doorbell -- replay --resume ${replay.id}`;
  const ended = await runReplay({ database, publish, clock: systemClock, rate: options.rate, ...watch }, replay, signal)
    .catch((cause: Error) => {
      throw new Error(`${cause.message.replace(/\.$/, '')}. To go on: ${goOn}`, { cause });
    })
    .finally(bar.clear);
  print(replayText(ended, performance.now() - start, options));
  if (ended.refused > 0) process.exitCode = exit.failed;
  if (ended.state === 'done') return;
  terminal.error(`Stopped at ${count(ended.rung)} of ${count(ended.rings)} rings. To go on: ${goOn}`);
  process.exitCode = exit.interrupted;
}
