import { InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { type EventType, eventTypes } from '../../../contracts/shops/event-types.ts';
import { ShopId } from '../../../contracts/shops/shop.ts';

/** What `doorbell replay` was told. */
export type ReplayOptions = {
  types?: EventType[];
  since?: Date;
  until?: Date;
  shops?: string[];
  consumer?: string;
  rate: number;
  resume?: number;
  list?: boolean;
  dryRun?: boolean;
  json?: boolean;
};

const words = (text: string) => [...new Set(text.split(',').map((word) => word.trim()))].filter((word) => word !== '');

/** `shop.opened,shop.closed`. Throws InvalidArgumentError naming the types there are. */
export function readTypes(text: string): EventType[] {
  const types = words(text);
  const unknown = types.filter((type) => !eventTypes.includes(type as EventType));
  if (types.length > 0 && unknown.length === 0) return types as EventType[];
  throw new InvalidArgumentError(`There are ${eventTypes.join(', ')}.`);
}

const Instant = z.iso.datetime({ offset: true });

/** PostgreSQL has no year 0, and writes the years before it in another way. */
const FIRST = new Date('0001-01-01T00:00:00Z');

/** `2026-11-24T10:15:00Z`, or with an offset, from year 1 on. Throws InvalidArgumentError. */
export function readInstant(text: string): Date {
  const instant = new Date(text);
  if (z.safeParse(Instant, text).success && instant >= FIRST) return instant;
  throw new InvalidArgumentError('Give an instant as in 2026-11-24T10:15:00Z or 2026-11-24T19:15:00+09:00.');
}

/** An instant as PostgreSQL reads it: the year 10000, which an offset can lead to, without a sign. */
export function instantText(instant: Date): string {
  return instant.toISOString().replace(/^\+0/, '');
}

/** `shop_1,shop_2`. Throws InvalidArgumentError. */
export function readShopIds(text: string): string[] {
  const ids = words(text);
  if (ids.length > 0 && ids.every((id) => z.safeParse(ShopId, id).success)) return ids;
  throw new InvalidArgumentError('Give ids of shops with commas between them, each 1 to 64 of A-Z a-z 0-9 _ -.');
}

/** Throws InvalidArgumentError naming the consumers there are. */
export function readConsumer(text: string): string {
  const names: string[] = agreements.map(({ name }) => name);
  if (names.includes(text)) return text;
  throw new InvalidArgumentError(`There are ${names.join(', ')}.`);
}

/** A whole number from 1 to `most`. Throws InvalidArgumentError. */
export function readNumber(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`);
  };
}

/**
 * The types to ring: those that were asked for, or all that there are, or all that wake the one consumer. Throws an Error
 * where a consumer sleeps through one that was asked for.
 */
export function typesFor({ types, consumer }: Pick<ReplayOptions, 'types' | 'consumer'>): EventType[] {
  if (consumer === undefined) return types ?? [...eventTypes];
  const agreed: readonly string[] = agreements.find(({ name }) => name === consumer)?.wakesOn ?? [];
  const wakesOn = eventTypes.filter((type) => agreed.includes(type));
  const asleep = (types ?? []).filter((type) => !wakesOn.includes(type));
  if (asleep.length > 0)
    throw new Error(`${consumer} sleeps through ${asleep.join(', ')}. It wakes on ${wakesOn.join(', ')}.`);
  return types ?? wakesOn;
}
