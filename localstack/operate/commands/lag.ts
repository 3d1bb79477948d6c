import { Command } from 'commander';
import { GOALS, type Goal, type Visible, WINDOWS, type Window } from '../../../consumers/freshness.ts';
import { createSourceClient } from '../../../consumers/runtime/source/client.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { count, table, terminal } from '../../terminal.ts';
import { type Behind, type Lag, measureLag } from '../lag/measure-lag.ts';
import { UnknownConsumer } from './letter-places.ts';
import { exit, interruptible } from './running.ts';
import { type VerifyChoice, type VerifyTarget, verifyTargets } from './verify-targets.ts';
import { readViews } from './views.ts';

type Options = VerifyChoice & { json?: boolean };

/** Makes `doorbell lag`, which tells how far each consumer is behind. Exits 1 if that can't be told of one. */
export function lagCommand(): Command {
  return new Command('lag')
    .description('tell how far the views of each consumer are behind their source, by its feed')
    .option('--consumer <name>', 'only the views of this consumer')
    .option('--agreements <file>', 'the module that exports its agreement, if this repository does not know it')
    .option('--json', 'print one JSON object for each consumer')
    .action(lag);
}

type Measured = { consumer: string; lag: Lag; visible: Record<Window, Visible | null> | null };

async function lag(options: Options, command: Command): Promise<void> {
  const { home } = command.optsWithGlobals<{ home: string }>();
  const found: Measured[] = [];
  for (const target of await targetsFor(home, options, command)) found.push(await measure(target, interruptible()));
  if (options.json) for (const each of found) terminal.line(JSON.stringify(jsonOf(each)));
  else printTable(found);
  if (found.some(({ lag: { behind } }) => behind === null)) process.exitCode = exit.failed;
}

async function targetsFor(home: string, options: Options, command: Command): Promise<VerifyTarget[]> {
  try {
    return await verifyTargets(home, process.env, options);
  } catch (error) {
    if (error instanceof UnknownConsumer) return command.error(`error: ${error.message}`);
    throw error;
  }
}

async function measure(
  { agreement, sourceUrl, token, views, url }: VerifyTarget,
  signal: AbortSignal,
): Promise<Measured> {
  const source = createSourceClient(agreement, { url: sourceUrl, token, clock: systemClock });
  const store = await readViews(views);
  try {
    const measured = await measureLag({ source, store, now: systemClock.now, signal });
    return { consumer: agreement.name, lag: measured, visible: await visibleOf(url, signal) };
  } finally {
    await source.close();
    store.close();
  }
}

/** Asks the running process how fresh its views were; null where it can't be asked. */
async function visibleOf(url: string | undefined, signal: AbortSignal): Promise<Measured['visible']> {
  if (url === undefined) return null;
  try {
    const answer = await fetch(`${url}/freshness`, { signal: AbortSignal.any([signal, AbortSignal.timeout(ASKING)]) });
    return ((await answer.json()) as { visible: Record<Window, Visible | null> }).visible;
  } catch {
    return null;
  }
}

/** 2 s: the process is on this machine. */
const ASKING = 2_000;

/** What a state means, and what to do. */
const MEANING: Record<Lag['state'], string> = {
  live: '',
  filling: 'reads all pages of the source now',
  'not-followed': 'has not followed the feed yet: start it; an older release does not',
  'no-feed': 'the source has no feed, so what is missing is not known: npm run doorbell -- verify',
  'feed-lost': 'its cursor is of no use any more: while it runs, it reads all pages by itself',
};

/** The window that the table shows. */
const SHOWN: Window = '1h';

function printTable(found: readonly Measured[]): void {
  const within = GOALS.map((goal) => `WITHIN ${goal} S`);
  const rows = found.map(({ consumer, lag: { state, behind }, visible }) => {
    const shares = GOALS.map((goal) => shareText(visible?.[SHOWN] ?? null, goal));
    const changes = behind === null ? '-' : `${count(behind.changes)}${behind.more ? '+' : ''}`;
    return [consumer, state, changes, oldestText(behind), ...shares];
  });
  terminal.line(table([['CONSUMER', 'STATE', 'BEHIND', 'OLDEST', ...within], ...rows]));
  for (const {
    consumer,
    lag: { state, resources },
  } of found) {
    const read = resources === null ? '' : ` (${count(resources)} resources so far)`;
    if (MEANING[state] !== '') terminal.line(`${consumer}: ${MEANING[state]}${read}`);
  }
  terminal.line(
    `WITHIN: share of the changes of the last hour that were visible so fast, as the running process saw it`,
  );
}

const oldestText = (behind: Behind | null): string =>
  behind === null || behind.seconds === null ? '-' : `${behind.seconds.toFixed(1)} s`;

/** `99.87 % (2 nines)`; a dash where it is not known. */
function shareText(visible: Visible | null, goal: Goal): string {
  if (visible === null) return '-';
  const share = visible.within[goal];
  const percent = `${Math.floor(share * 1e5) / 1e3} %`;
  const number = nines(share);
  if (share === 1 || number === 0) return percent;
  return `${percent} (${number} ${number === 1 ? 'nine' : 'nines'})`;
}

/** Number of nines that a share begins with: 0.998 has 2. */
const nines = (share: number): number => Math.floor(-Math.log10(1 - share) + 1e-9);

function jsonOf({ consumer, lag: measured, visible }: Measured) {
  const windows = Object.keys(WINDOWS) as Window[];
  return {
    schemaVersion: 1,
    consumer,
    ...measured,
    visible: visible ?? Object.fromEntries(windows.map((w) => [w, null])),
  };
}
