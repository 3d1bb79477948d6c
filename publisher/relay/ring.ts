import type { Lane } from '../../contracts/wire/attributes.ts';

/** One notification on its way out: the body's two keys and the facts for its attributes. */
export type Ring = {
  /** Place in the event table. */
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

/** Answer of SNS about one ring. `retryable: false` is for good: the same ring will never be accepted. */
export type Delivery = { accepted: true } | { accepted: false; retryable: boolean; reason: string };

/** Publishes at most ten rings in one call; one result per ring, in order. Throws when the call itself fails or is aborted. */
export type Publish = (rings: Ring[], signal: AbortSignal) => Promise<Delivery[]>;

/**
 * Rings of the same shop and type that are still waiting become one, that of the highest version: whoever
 * looks once at that version has seen all. Order is kept.
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

/** Splits rings into at most `most` channels by shop, so that one shop's rings stay in order and no call goes out half empty. */
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
