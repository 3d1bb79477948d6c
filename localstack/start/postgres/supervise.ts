import { setTimeout as pause } from 'node:timers/promises';
import { pg } from '../../../publisher/postgres/pg.ts';
import { superviseInBackground, type Tell } from '../supervise.ts';
import type { Postgres } from './postgres.ts';

/** Milliseconds until a lost session is opened again while its server still runs. */
const REOPEN = 500;

/** Starts an embedded PostgreSQL again if its process ends by itself. Its URL stays the same. */
export function supervisePostgres(postgres: Postgres, tell: Tell): { lost: Promise<never>; stop: () => Promise<void> } {
  const { startAgain, stop } = postgres;
  const name = `PostgreSQL in ${postgres.data}`;
  return superviseInBackground({ name, startAgain, untilEnd: (signal) => untilEnd(postgres, signal) }, stop, tell);
}

/** Waits for the end of the server by a session: the process is not our child, so nothing else reports its end. */
async function untilEnd({ url, isAlive }: Postgres, signal: AbortSignal): Promise<string> {
  while (!signal.aborted && isAlive()) {
    await untilSessionEnds(url, signal);
    // The child processes of a killed server end shortly before or after it.
    await pause(REOPEN, undefined, { signal }).catch(() => undefined);
  }
  return '';
}

async function untilSessionEnds(connectionString: string, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, keepAlive: true });
  client.on('error', () => {});
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  const end = () => void client.end().catch(() => undefined);
  try {
    await client.connect();
  } catch {
    return end();
  }
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  await ended;
  signal.removeEventListener('abort', end);
}
