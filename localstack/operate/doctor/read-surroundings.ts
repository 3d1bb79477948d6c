import { openClient } from '../../../publisher/postgres/database.ts';
import { schemaState } from '../../../publisher/shops/store/migrate.ts';
import type { Read } from '../../infrastructure/aws/ask.ts';
import type { DatabaseState, SourceState } from './state.ts';

/** 5 s: a service that takes longer to answer is not healthy. */
const TIMEOUT_MS = 5_000;

/** The URL of a source API, and for each consumer a token with the path that it opens. */
export type SourcePlace = { url: string; tokens: Record<string, { path: string; token: string }> };

/** Reads the health of a source API, and whether it accepts each token. */
export async function readSource({ url, tokens }: SourcePlace): Promise<SourceState> {
  const health = await statusOf(`${url}/healthz`);
  const read: SourceState['tokens'] = {};
  for (const [consumer, { path, token }] of Object.entries(tokens))
    read[consumer] = 'value' in health ? await statusOf(`${url}${path}?limit=1`, token) : health;
  return { url, health, tokens: read };
}

async function statusOf(url: string, token?: string): Promise<Read<number>> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return { value: response.status };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    return { notChecked: cause?.message || message };
  }
}

/** Compares the schema of a database with this release. */
export async function readDatabase(url: string): Promise<Read<DatabaseState>> {
  try {
    const database = await openClient(url);
    try {
      return { value: await schemaState(database) };
    } finally {
      await database.end();
    }
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return { notChecked: message || code || 'it does not answer' };
  }
}
