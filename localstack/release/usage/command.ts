import { Command } from 'commander';
import { findSystem } from '../../operate/commands/find-system.ts';
import { interruptible } from '../../operate/commands/running.ts';
import { withDatabase } from '../../operate/commands/session.ts';
import { homeOf } from '../../start/config.ts';
import { count, table, terminal } from '../../terminal.ts';
import type { TypeUse, Usage } from './measure.ts';
import { allWatched, usageOf } from './watched.ts';

type Options = { home: string; json?: boolean };

/** Makes `contracts usage`, which lists agreed fields that are never read, and events that wake a consumer in vain. */
export function usageCommand(): Command {
  return new Command('usage')
    .description('list agreed fields that a consumer never reads, and events that wake it but change nothing')
    .option('--home <folder>', 'the data folder of the local system of npm start', homeOf(process.env))
    .option('--json', 'print NDJSON: one line for each agreement')
    .action(async ({ home, json }: Options) => {
      const { databaseUrl } = findSystem(home, process.env);
      const signal = interruptible();
      const usages = await withDatabase(databaseUrl, async (database) => {
        // One snapshot of the store, so that no shop is read half changed.
        await database.query('begin isolation level repeatable read read only');
        return usageOf(database, allWatched(), signal);
      });
      for (const usage of usages) {
        if (json) terminal.line(JSON.stringify(usage));
        else for (const line of usageLines(usage)) terminal.line(line);
      }
    });
}

/** Writes the lines about one agreement for people. Pure. */
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
    ...missed.map(({ type, changed }) => `  is not woken by ${type}, which would have changed ${count(changed)} views`),
    ...(failed === null ? [] : [`  ${count(failed.states)} states can't become a view; the first: ${failed.reason}`]),
    ...(filterPolicy === null
      ? []
      : [`  ${count(saved)} events in vain; without them: ${JSON.stringify(filterPolicy)}`]),
    '',
  ];
}

const row = ({ type, events, changed }: TypeUse) => [type, count(events), count(changed), count(events - changed)];
const sum = (uses: readonly TypeUse[]) => uses.reduce((total, { events }) => total + events, 0);
