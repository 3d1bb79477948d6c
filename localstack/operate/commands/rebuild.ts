import { Command } from 'commander';
import type pg from 'pg';
import { type Checked, checkAll } from '../../../publisher/shops/rebuild/check.ts';
import { mendShop } from '../../../publisher/shops/rebuild/mend.ts';
import { progressBar, terminal } from '../../terminal.ts';
import { findSystem } from './find-system.ts';
import { differenceText, mendedText, type RebuildSum, sumText } from './rebuild-print.ts';
import { exit, interruptible } from './running.ts';
import { withDatabase } from './session.ts';

type Options = { check?: boolean; json?: boolean };

/**
 * Makes `doorbell rebuild`, which folds all events, compares rows and snapshots with them, and rewrites what differs.
 */
export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('rewrite the rows and snapshots of shops that differ from their events; events never change')
    .option('--check', 'only compare; exits with 1 if anything differs')
    .option('--json', 'print NDJSON: one line for each difference and each corrected shop, and one for the sum')
    .action(async (options: Options, command: Command) => {
      const { home } = command.optsWithGlobals<{ home: string }>();
      const { databaseUrl, databaseAdminUrl } = findSystem(home, process.env);
      const signal = interruptible();
      // Two sessions: one reads everything as of one moment, the other corrects the rows of now.
      const sum = await withDatabase(databaseUrl, (reading) =>
        withDatabase(options.check ? databaseUrl : databaseAdminUrl, (writing) =>
          rebuild(reading, options.check ? null : writing, options, signal),
        ),
      );
      terminal.line(sumText(sum, options));
      if (options.check ? sum.differences > 0 : sum.left > 0) process.exitCode = exit.failed;
    });
}

/** Compares all shops, and corrects them if `writing` is not null. */
async function rebuild(
  reading: pg.Client,
  writing: pg.Client | null,
  options: Options,
  signal: AbortSignal,
): Promise<RebuildSum> {
  await reading.query('begin isolation level repeatable read read only');
  const { rows } = await reading.query<{ shops: number }>('select count(*) as shops from shop');
  const sum: RebuildSum = { events: 0, shops: 0, snapshots: 0, differences: 0, mended: 0, left: 0 };
  const left = new Set<string>();
  const bar = progressBar(writing === null ? 'comparing' : 'rebuilding');
  try {
    for await (const checked of checkAll(reading)) {
      signal.throwIfAborted();
      bar.show(sum.shops + checked.shops, rows[0]?.shops ?? 0);
      if (checked.differences.length > 0) bar.clear();
      add(sum, checked, options);
      if (writing !== null) await mendAll(writing, sum, checked, left, options);
    }
    return sum;
  } finally {
    bar.clear();
  }
}

function add(sum: RebuildSum, { events, shops, snapshots, differences }: Checked, options: Options): void {
  sum.events += events;
  sum.shops += shops;
  sum.snapshots += snapshots;
  sum.differences += differences.length;
  for (const difference of differences) terminal.line(differenceText(difference, options));
}

/** Corrects the shops of one page. `left` collects shops that can't be corrected; each is tried once. */
async function mendAll(
  writing: pg.Client,
  sum: RebuildSum,
  { differences }: Checked,
  left: Set<string>,
  options: Options,
): Promise<void> {
  for (const shop of new Set(differences.map(({ shop }) => shop)).difference(left)) {
    const mended = await mendShop(writing, shop);
    if (mended.row || mended.snapshots.length > 0) sum.mended++;
    if (mended.left.length > 0) left.add(shop);
    terminal.line(mendedText(mended, options));
  }
  sum.left = left.size;
}
