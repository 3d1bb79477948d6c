import { Command } from 'commander';
import { findSystem } from '../../operate/commands/find-system.ts';
import { interruptible } from '../../operate/commands/running.ts';
import { withDatabase } from '../../operate/commands/session.ts';
import { homeOf } from '../../start/config.ts';
import { count, table, terminal } from '../../terminal.ts';
import type { TypeUse, Usage } from './measure.ts';
import { allWatched, usageOf } from './watched.ts';

type Options = { home: string; json?: boolean };

/** `contracts usage`: what consumers never read of what they agreed on, and what wakes them for nothing. */
export function usageCommand(): Command {
  return new Command('usage')
    .description('say which agreed fields a consumer never reads, and which events wake it and change nothing')
    .option('--home <folder>', 'the folder npm start keeps its data in', homeOf(process.env))
    .option('--json', 'NDJSON: a line for each agreement')
    .action(async ({ home, json }: Options) => {
      const { databaseUrl } = findSystem(home, process.env);
      const signal = interruptible();
      const usages = await withDatabase(databaseUrl, async (database) => {
        // One moment of the store, so that no shop is seen half.
        await database.query('begin isolation level repeatable read read only');
        return usageOf(database, allWatched(), signal);
      });
      for (const usage of usages) {
        if (json) terminal.line(JSON.stringify(usage));
        else for (const line of usageLines(usage)) terminal.line(line);
      }
    });
}

/** What a person reads of one agreement. Pure. */
export function usageLines(usage: Usage): string[] {
  const { agreement, fields, neverRead, neverSeen, awake, inVain, missed, failed, filterPolicy } = usage;
  const rows = [...awake, ...inVain].map(row);
  const saved = sum(inVain);
  return [
    agreement,
    neverRead.length === 0
      ? `  reads all ${fields - neverSeen.length} fields that shops have`
      : `  never reads ${neverRead.join(', ')}`,
    ...(neverSeen.length === 0 ? [] : [`  no shop has ${neverSeen.join(', ')}`]),
    ...table([['EVENT TYPE', 'EVENTS', 'CHANGED ITS VIEW', 'IN VAIN'], ...rows])
      .split('\n')
      .map((line) => `  ${line}`),
    ...missed.map(({ type, changed }) => `  sleeps through ${type}, which would have changed ${count(changed)} views`),
    ...(failed === null ? [] : [`  ${count(failed.states)} states can't become a view; the first: ${failed.reason}`]),
    ...(filterPolicy === null
      ? []
      : [`  ${count(saved)} events in vain; without them: ${JSON.stringify(filterPolicy)}`]),
    '',
  ];
}

const row = ({ type, events, changed }: TypeUse) => [type, count(events), count(changed), count(events - changed)];
const sum = (uses: readonly TypeUse[]) => uses.reduce((total, { events }) => total + events, 0);
