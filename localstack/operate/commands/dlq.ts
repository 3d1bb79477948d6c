import { Command } from 'commander';
import { createSqsQueue } from '../../../consumers/brokers/sqs/queue.ts';
import { readProgress } from '../../../consumers/runtime/feed/progress.ts';
import type { Queue } from '../../../consumers/runtime/queue/queue.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { count, progressBar, table, terminal } from '../../terminal.ts';
import { groupLetters, isCovered, keptLetters, type Letter, peekLetters } from '../dead-letters/letters.ts';
import { purge, redrive } from '../dead-letters/redrive.ts';
import { askYesNo } from './ask-person.ts';
import { type LetterPlace, letterPlaces, UnknownConsumer } from './letter-places.ts';
import { exit, interrupted, interruptible } from './running.ts';
import { readViews } from './views.ts';

/** Makes `doorbell dlq list|show|redrive|purge`, which handles the messages that no retry can help. */
export function dlqCommand(): Command {
  return new Command('dlq')
    .description('look at dead letters, put them back into their queue, or delete them')
    .exitOverride()
    .addCommand(
      filtered('list', 'count dead letters by consumer, reason and status')
        .option('--json', 'print NDJSON')
        .action(list),
    )
    .addCommand(
      filtered('show', 'show each dead letter, or only those of one shop, or one message')
        .argument('[id]', 'the id of a shop or of a message (default: all)')
        .option('--json', 'print NDJSON')
        .action(show),
    )
    .addCommand(
      filtered('redrive', 'put dead letters back into their queue, so that the consumer looks again')
        .option('--yes', 'do not ask')
        .option('--dry-run', 'only count')
        .action((options, command) => change('redrive', options, command)),
    )
    .addCommand(
      filtered('purge', 'delete dead letters; they can not be brought back')
        .option('--yes', 'do not ask')
        .option('--dry-run', 'only count')
        .action((options, command) => change('purge', options, command)),
    );
}

type Options = { consumer?: string; reason?: string; json?: boolean; yes?: boolean; dryRun?: boolean };

function filtered(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .showHelpAfterError('Add --help for all commands and options.')
    .option('--consumer <name>', 'only dead letters of this consumer')
    .option('--reason <reason>', 'only dead letters with this reason');
}

type DeadLetterQueue = Queue & { close: () => Promise<void> };

type InQueue = LetterPlace & { deadLetterQueueUrl: string; deadLetters: DeadLetterQueue };
/** `deadLetters` is null where they are kept with the views. */
type ConsumerDeadLetters = LetterPlace & { deadLetters: DeadLetterQueue | null };

/** Runs `work` for the chosen consumer, or for each one. Ends with a usage error if there is no such consumer. */
async function each(
  command: Command,
  { consumer }: Options,
  work: (place: ConsumerDeadLetters) => Promise<void>,
): Promise<void> {
  const { home } = command.optsWithGlobals<{ home: string }>();
  for (const place of placesFor(home, consumer, command)) {
    const deadLetters = openLetters(place);
    try {
      await work({ ...place, deadLetters });
    } finally {
      await deadLetters?.close();
    }
  }
}

function openLetters({ deadLetterQueueUrl, client }: LetterPlace): DeadLetterQueue | null {
  if (deadLetterQueueUrl === null) return null;
  // Nothing is buried from a dead-letter queue, so its own queue is not needed to read it.
  const options = { queueUrl: deadLetterQueueUrl, deadLetterQueueUrl, client: client as SqsClientConfig };
  return createSqsQueue({ ...options, clock: systemClock });
}

type SqsClientConfig = NonNullable<Parameters<typeof createSqsQueue>[0]['client']>;

function placesFor(home: string, consumer: string | undefined, command: Command): LetterPlace[] {
  try {
    return letterPlaces(home, process.env, consumer);
  } catch (error) {
    if (error instanceof UnknownConsumer) return command.error(`error: ${error.message}`);
    throw error;
  }
}

/** Reads the letters, and the versions of their views; null if it is not known where the views are. */
async function lettersOf(
  { views, deadLetters }: ConsumerDeadLetters,
  { reason }: Options,
): Promise<{ letters: Letter[]; views: ReadonlyMap<string, number> | null }> {
  const store = views === null ? null : await readViews(views);
  try {
    const all =
      deadLetters === null
        ? keptLetters(readProgress((await store?.progress.read()) ?? null))
        : await peekLetters(deadLetters, interruptible());
    const letters = all.filter((letter) => reason === undefined || letter.reason === reason);
    if (store === null) return { letters, views: null };
    const rows = await store.read(letters.flatMap(({ shopId }) => shopId ?? []));
    return { letters, views: new Map(rows.map(({ id, version }) => [id, version])) };
  } finally {
    store?.close();
  }
}

async function list(options: Options, command: Command): Promise<void> {
  const rows: string[][] = [];
  await each(command, options, async (place) => {
    const { letters, views } = await lettersOf(place, options);
    for (const group of groupLetters(letters, views)) {
      if (options.json) terminal.line(JSON.stringify({ schemaVersion: 1, consumer: place.name, ...group }));
      const { reason, status, covered, first, last } = group;
      const known = covered === null ? '-' : count(covered);
      rows.push([place.name, reason, status || '-', count(group.letters), known, utc(first), utc(last)]);
    }
  });
  if (options.json) return;
  if (rows.length === 0) terminal.line('No dead letters.');
  else terminal.line(table([['CONSUMER', 'REASON', 'STATUS', 'LETTERS', 'COVERED', 'FIRST', 'LAST'], ...rows]));
}

async function show(id: string | undefined, options: Options, command: Command): Promise<void> {
  let found = 0;
  await each(command, options, async (place) => {
    const { letters, views } = await lettersOf(place, options);
    const isMeant = ({ shopId, message }: Letter) => id === undefined || shopId === id || message.messageId === id;
    for (const letter of letters.filter(isMeant)) {
      found++;
      const { message, ...facts } = letter;
      const told = {
        consumer: place.name,
        messageId: message.messageId,
        body: message.body,
        ...facts,
        covered: views === null ? null : isCovered(letter, views),
      };
      terminal.line(options.json ? JSON.stringify({ schemaVersion: 1, ...told }) : JSON.stringify(told, null, 2));
    }
  });
  if (found > 0) return;
  if (id === undefined) return terminal.line('No dead letters.');
  terminal.error(
    `There is no dead letter of ${id}. Letters whose body is no notification name no shop: npm run doorbell -- dlq show`,
  );
  process.exitCode = exit.notFound;
}

async function change(what: 'redrive' | 'purge', options: Options, command: Command): Promise<void> {
  await each(command, options, async (place) => {
    // Before the question: without a queue there is nothing to say yes to.
    const { deadLetters, deadLetterQueueUrl } = place;
    if (what === 'redrive' || deadLetters === null) place.queueUrl();
    if (deadLetters === null || deadLetterQueueUrl === null) return;
    const { letters } = await lettersOf(place, options);
    const word = what === 'redrive' ? 'to put back' : 'to delete for good';
    terminal.line(`${place.name}: ${count(letters.length)} dead letters ${word}`);
    if (letters.length === 0 || options.dryRun) return;
    if (!options.yes && !(await isSure(what))) return terminal.line(`${place.name}: nothing was changed.`);
    await settle(what, { ...place, deadLetters, deadLetterQueueUrl }, letters, options.reason === undefined);
  });
}

async function settle(
  what: 'redrive' | 'purge',
  { name, queueUrl: queueOf, deadLetterQueueUrl, client, deadLetters }: InQueue,
  letters: readonly Letter[],
  all: boolean,
): Promise<void> {
  const bar = progressBar(what);
  const onProgress = (done: number) => bar.show(done, letters.length);
  const queueUrl = what === 'redrive' ? queueOf() : '';
  const move = { client, queueUrl, deadLetterQueueUrl, deadLetters, onProgress, signal: interruptible(), all };
  if (what === 'purge') {
    const deleted = await purge(move, letters);
    bar.clear();
    terminal.line(`${name}: ${count(deleted)} deleted`);
    tellRest(name, letters.length - deleted);
  } else {
    const { moved, by } = await redrive(move, letters);
    bar.clear();
    const how = by === 'hand' ? 'by sending each one' : "by SQS's own move task";
    terminal.line(`${name}: ${count(moved)} put back, ${how}; to see what fails again: npm run doorbell -- dlq list`);
    // The count of SQS's own move task is approximate.
    if (by === 'hand') tellRest(name, letters.length - moved);
  }
}

/** Tells how many letters are left, because the command was interrupted or the queue refused them. */
function tellRest(name: string, rest: number): void {
  if (rest <= 0) return;
  terminal.error(`${name}: ${count(rest)} were not changed, or were gone already: npm run doorbell -- dlq list`);
  process.exitCode = interrupted() ? exit.interrupted : exit.failed;
}

/** Asks for confirmation. Without a terminal the answer is no, and the exit code is that of a usage error. */
async function isSure(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    terminal.error(`There is no terminal to ask at. Add --yes to ${what} them without a question.`);
    process.exitCode = exit.usage;
    return false;
  }
  return askYesNo(`${what === 'redrive' ? 'Redrive' : 'Purge'} them?`, interruptible());
}

const utc = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}/, '');
