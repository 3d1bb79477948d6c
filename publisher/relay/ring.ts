import type { Lane } from '../../contracts/wire/attributes.ts';

/** One notification on its way out: the body's two keys and the facts for its attributes. */
export type Ring = {
  /** Position in the event table. */
  position: number;
  id: string;
  type: string;
  version: number;
  eventId: string;
  /** Milliseconds since the epoch. */
  occurredAt: number;
  /** Absent means `live`. */
  lane?: Lane;
};

/** Result of publishing one ring. `retryable: false` means that SNS will never accept this ring. */
export type Delivery = { accepted: true } | { accepted: false; retryable: boolean; reason: string };

/** Publishes at most ten rings in one call; one result per ring, in order. Throws when the call fails or is aborted. */
export type Publish = (rings: Ring[], signal: AbortSignal) => Promise<Delivery[]>;

/**
 * Merges waiting rings of the same resource and type into one, with the highest version. A consumer that asks once at
 * that version has seen every change before it. Order is kept.
 */
export function collapse(rings: readonly Ring[]): Ring[] {
  const latest = new Map<string, Ring>();
  for (const ring of rings) {
    const key = `${ring.id} ${ring.type}`;
    latest.delete(key);
    latest.set(key, ring);
  }
  return [...latest.values()];
}

/**
 * Splits rings by resource into at most `most` channels. One resource's rings stay in order, and no call goes out half
 * empty.
 */
export function channelsOf(rings: readonly Ring[], most: number): Ring[][] {
  const count = Math.min(most, Math.ceil(rings.length / BATCH));
  const channels = Array.from({ length: count }, (): Ring[] => []);
  for (const ring of rings) channels[hash(ring.id) % count]?.push(ring);
  return channels.filter((channel) => channel.length > 0);
}

/** 10: SNS PublishBatch takes no more (Amazon SNS API reference). */
export const BATCH = 10;

/** FNV-1a, 32 bits: spreads ids evenly and costs nothing. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let n = 0; n < text.length; n++) value = Math.imul(value ^ text.charCodeAt(n), 0x01000193);
  return value >>> 0;
}
