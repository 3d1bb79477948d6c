import { openClient } from '../../publisher/postgres/database.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { count, seconds, terminal } from '../terminal.ts';
import type { Home } from './home.ts';
import { describeSeed, seed } from './seed.ts';
import type { RingLog } from './show/ring-log.ts';
import type { Stats } from './show/stats.ts';
import type { System } from './system.ts';

/** The system to fill, and what watches it. */
export type FillDeps = { system: System; home: Home; databaseUrl: string; rings: RingLog; stats: Stats };

/** Milliseconds to wait for the views after the last shop was registered. 15 s; a slower system starts anyway. */
const WAIT_FOR_VIEWS = 15_000;

/** Runs the first import, and waits for its views. False if there was none, because the database has shops already. */
export async function fill(deps: FillDeps, signal: AbortSignal): Promise<boolean> {
  const { system, home, databaseUrl, rings, stats } = deps;
  const start = performance.now();
  const seeded = await seed(system, home, signal);
  if (seeded.kind === 'kept')
    terminal.warn(
      'The database already has shops, so none are imported. Consumers without views read them from the source.',
    );
  if (seeded.kind !== 'done' || signal.aborted) return false;
  terminal.done('shops', `${seconds(performance.now() - start)}  ${describeSeed(seeded.import)}`);
  const settled = await within(WAIT_FOR_VIEWS, rings.untilSettled(await positionNow(databaseUrl)), signal);
  const { rung, requests } = stats.read();
  const note = settled ? 'every view as new as its shop' : 'still catching up';
  terminal.done(
    'views',
    `${seconds(performance.now() - start)}  ${count(rung)} rings, ${count(requests)} requests: ${note}`,
  );
  stats.resetLatency();
  return true;
}

async function positionNow(databaseUrl: string): Promise<number> {
  const client = await openClient(databaseUrl);
  const position = await shopLog(client).last();
  await client.end();
  return position;
}

/** Waits for work. Returns false if the time is over or the signal aborted first. */
async function within(ms: number, work: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  const over = new Promise<false>((resolve) => late.addEventListener('abort', () => resolve(false), { once: true }));
  return Promise.race([work.then(() => true), over]);
}
