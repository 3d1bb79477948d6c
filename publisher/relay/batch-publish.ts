import { toMessage } from './message.ts';
import type { Delivery, Publish, Ring } from './ring.ts';

/** Answer of SNS PublishBatch and SQS SendMessageBatch: one result per entry, found by its Id. */
export type BatchAnswer = {
  Successful?: { Id?: string | undefined }[] | undefined;
  Failed?: { Id?: string | undefined; Code?: string | undefined; Message?: string | undefined }[] | undefined;
};

/** A service that takes up to ten rings in one call. */
export type BatchService<Entry> = {
  name: string;
  /** Codes of entries that can never be accepted. Every other failure is tried again. */
  forGood: ReadonlySet<string>;
  entryOf: (message: ReturnType<typeof toMessage> & { id: string; shopId: string }) => Entry;
  send: (entries: Entry[], signal: AbortSignal) => Promise<BatchAnswer>;
};

/** Timeouts in milliseconds. A call that hangs is aborted and repeated; a ring that is sent twice does no harm. */
export const BATCH_TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * Publishes rings with a service's batch call and returns the service's result for each ring. A ring that is no
 * notification is refused before it is sent, so that no payload leaves either. Throws when the call fails.
 */
export function batchPublish<Entry>({ name, forGood, entryOf, send }: BatchService<Entry>): Publish {
  const unanswered: Delivery = { accepted: false, retryable: true, reason: `${name} gave no result for this entry` };

  function toEntry(ring: Ring, n: number, results: Delivery[]): Entry[] {
    try {
      return [entryOf({ ...toMessage(ring), id: String(n), shopId: ring.id })];
    } catch (error) {
      results[n] = { accepted: false, retryable: false, reason: (error as Error).message };
      return [];
    }
  }

  return async (rings, signal) => {
    const results: Delivery[] = rings.map(() => unanswered);
    const entries = rings.flatMap((ring, n) => toEntry(ring, n, results));
    if (entries.length === 0) return results;
    const { Successful = [], Failed = [] } = await send(entries, signal);
    for (const { Id } of Successful) results[Number(Id)] = { accepted: true };
    for (const { Id, Code = '', Message = '' } of Failed)
      results[Number(Id)] = { accepted: false, retryable: !forGood.has(Code), reason: `${Code}: ${Message}` };
    return results;
  };
}
