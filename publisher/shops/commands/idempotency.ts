import type { Pool } from '../../postgres/database.ts';
import { pg } from '../../postgres/pg.ts';
import { DomainError } from '../domain/domain-error.ts';
import { loadForCommands, type Receipt } from '../store/event-store.ts';
import type { Idempotency } from './decide-request.ts';

/**
 * Returns the answer that an earlier request with this key got. Throws `idempotency-key-reused` if that request was
 * different.
 */
export function repeated<Outcome>({ key, fingerprint }: Idempotency, receipt: Receipt): Outcome {
  if (receipt.fingerprint !== fingerprint) throw new DomainError('idempotency-key-reused', { key });
  return { status: receipt.status, answer: receipt.answer } as Outcome;
}

/** Runs a request at most once per key. If the same key comes twice at once, both requests get the same answer. */
export async function once<Outcome>(
  pool: Pool,
  idempotency: Idempotency | null,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  if (idempotency === null) return work();
  const earlier = await find(pool, idempotency);
  if (earlier !== null) return repeated(idempotency, earlier);
  try {
    return await work();
  } catch (error) {
    const winner = isKeyTaken(error) ? await find(pool, idempotency) : null;
    if (winner !== null) return repeated(idempotency, winner);
    throw error;
  }
}

async function find(pool: Pool, { key }: Idempotency): Promise<Receipt | null> {
  const { receipts } = await loadForCommands(pool, [], [key]);
  return receipts.get(key) ?? null;
}

function isKeyTaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === 'idempotency_key_pkey';
}
