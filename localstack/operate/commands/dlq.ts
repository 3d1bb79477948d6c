import { Command } from 'commander';
import { createSqsQueue } from '../../../consumers/brokers/sqs/queue.ts';
import type { Queue } from '../../../consumers/runtime/queue/queue.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { readSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import type { RunInfo } from '../../start/home.ts';
import { count, progressBar, table, terminal } from '../../terminal.ts';
import { groupLetters, isCovered, type Letter, peekLetters } from '../dead-letters/letters.ts';
import { purge, type RedriveOptions, redrive } from '../dead-letters/redrive.ts';
import { askYesNo } from './ask-person.ts';
import { exit, findRunning, interrupted, interruptible } from './running.ts';

/** `doorbell dlq list|show|redrive|purge`: what can't succeed, and what to do about it. */
export function dlqCommand(): Command {
  return new Command('dlq')
    .description('dead letters: what could not succeed, and why')
    .exitOverride()
    .addCommand(filtered('list', 'count them by consumer, reason and status').option('--json', 'NDJSON').action(list))
    .addCommand(
      filtered('show', 'show them one by one, or those of one shop, or one message')
        .argument('[id]', 'the id of a shop or of a message; all of them without it')
        .option('--json', 'NDJSON')
        .action(show),
    )
    .addCommand(
      filtered('redrive', 'put them back into their queue: look again')
        .option('--yes', 'do not ask')
        .option('--dry-run', 'only count')
        .action((options, command) => change('redrive', options, command)),
    )
    .addCommand(
      filtered('purge', 'delete them for good')
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
    .showHelpAfterError('Add --help to see what there is.')
    .option('--consumer <name>', 'only those of this consumer')
    .option('--reason <reason>', 'only those of this reason');
}

type ConsumerDeadLetters = {
  name: string;
  place: RunInfo['consumers'][string];
  deadLetters: Queue & { close: () => Promise<void> };
};

/** Does something with the dead letters of each consumer that is meant. */
async function each(
  command: Command,
  { consumer }: Options,
  work: (place: ConsumerDeadLetters, run: RunInfo) => Promise<void>,
): Promise<void> {
  const { home } = command.optsWithGlobals<{ home: string }>();
  const { run } = findRunning(home);
  const names = Object.keys(run.consumers).filter((name) => consumer === undefined || name === consumer);
  if (names.length === 0)
    command.error(`error: no consumer "${consumer}" runs; there are ${Object.keys(run.consumers).join(', ')}`);
  for (const name of names) {
    const place = run.consumers[name] as ConsumerDeadLetters['place'];
    const { queueUrl, deadLetterQueueUrl } = place;
    const client = run.broker as NonNullable<Parameters<typeof createSqsQueue>[0]['client']>;
    const options = { queueUrl: deadLetterQueueUrl, deadLetterQueueUrl: queueUrl, client, clock: systemClock };
    const deadLetters = createSqsQueue(options);
    try {
      await work({ name, place, deadLetters }, run);
    } finally {
      await deadLetters.close();
    }
  }
}

async function lettersOf(
  { place, deadLetters }: ConsumerDeadLetters,
  { reason }: Options,
): Promise<{ letters: Letter[]; views: Map<string, number> }> {
  const all = await peekLetters(deadLetters, interruptible());
  const letters = all.filter((letter) => reason === undefined || letter.reason === reason);
  const store = readSqliteViewStore<unknown>(place.views);
  const rows = await store.read(letters.flatMap(({ shopId }) => shopId ?? []));
  store.close();
  return { letters, views: new Map(rows.map(({ id, version }) => [id, version])) };
}

async function list(options: Options, command: Command): Promise<void> {
  const rows: string[][] = [];
  await each(command, options, async (place) => {
    const { letters, views } = await lettersOf(place, options);
    for (const group of groupLetters(letters, views)) {
      if (options.json) terminal.line(JSON.stringify({ schemaVersion: 1, consumer: place.name, ...group }));
      const { reason, status, covered, first, last } = group;
      rows.push([place.name, reason, status || '-', count(group.letters), count(covered), utc(first), utc(last)]);
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
        covered: isCovered(letter, views),
      };
      terminal.line(options.json ? JSON.stringify({ schemaVersion: 1, ...told }) : JSON.stringify(told, null, 2));
    }
  });
  if (found > 0) return;
  if (id === undefined) return terminal.line('No dead letters.');
  terminal.error(
    `No dead letter of ${id}. Those whose body is no notification have no shop: npm run doorbell -- dlq show`,
  );
  process.exitCode = exit.notFound;
}

async function change(what: 'redrive' | 'purge', options: Options, command: Command): Promise<void> {
  await each(command, options, async (place, run) => {
    const { letters } = await lettersOf(place, options);
    const word = what === 'redrive' ? 'to look at again' : 'to delete for good';
    terminal.line(`${place.name}: ${count(letters.length)} dead letters ${word}`);
    if (letters.length === 0 || options.dryRun) return;
    if (!options.yes && !(await isSure(what))) return terminal.line(`${place.name}: nothing was done.`);
    await settle(what, place, run, letters, options.reason === undefined);
  });
}

async function settle(
  what: 'redrive' | 'purge',
  { name, place, deadLetters }: ConsumerDeadLetters,
  { broker }: RunInfo,
  letters: readonly Letter[],
  all: boolean,
): Promise<void> {
  const bar = progressBar(what);
  const { queueUrl, deadLetterQueueUrl } = place;
  const onProgress = (done: number) => bar.show(done, letters.length);
  const client = broker as RedriveOptions['client'];
  const move = { client, queueUrl, deadLetterQueueUrl, deadLetters, onProgress, signal: interruptible(), all };
  if (what === 'purge') {
    const deleted = await purge(move, letters);
    bar.clear();
    terminal.line(`${name}: ${count(deleted)} deleted`);
    tellRest(name, letters.length - deleted);
  } else {
    const { moved, by } = await redrive(move, letters);
    bar.clear();
    const how = by === 'hand' ? 'by sending each' : "by SQS's own move task";
    terminal.line(`${name}: ${count(moved)} put back, ${how}; what fails again: npm run doorbell -- dlq list`);
    // What SQS's own task says of itself is approximate.
    if (by === 'hand') tellRest(name, letters.length - moved);
  }
}

/** What was counted and is not done: it was stopped, or the queue would not. */
function tellRest(name: string, rest: number): void {
  if (rest <= 0) return;
  terminal.error(`${name}: ${count(rest)} are left as they were, or went meanwhile: npm run doorbell -- dlq list`);
  process.exitCode = interrupted() ? exit.interrupted : exit.failed;
}

/** Asks a person; without one the answer is no. */
async function isSure(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    terminal.error(`Say --yes to ${what} them without being asked.`);
    process.exitCode = exit.usage;
    return false;
  }
  return askYesNo(`${what} them?`, interruptible());
}

const utc = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}/, '');
