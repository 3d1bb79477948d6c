import { InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { type EventType, eventTypes } from '../../../contracts/shops/event-types.ts';
import { ShopId } from '../../../contracts/shops/shop.ts';

/** Options of `doorbell replay`. */
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

/** Reads event types such as `shop.opened,shop.closed`. Throws InvalidArgumentError with the known types. */
export function readTypes(text: string): EventType[] {
  const types = words(text);
  const unknown = types.filter((type) => !eventTypes.includes(type as EventType));
  if (types.length > 0 && unknown.length === 0) return types as EventType[];
  throw new InvalidArgumentError(`The types are ${eventTypes.join(', ')}.`);
}

const Instant = z.iso.datetime({ offset: true });

/** The first instant that is accepted: PostgreSQL has no year 0, and writes earlier years in another form. */
const FIRST = new Date('0001-01-01T00:00:00Z');

/** Reads an instant such as `2026-11-24T10:15:00Z`, or with an offset, from year 1 on. Throws InvalidArgumentError. */
export function readInstant(text: string): Date {
  const instant = new Date(text);
  if (z.safeParse(Instant, text).success && instant >= FIRST) return instant;
  throw new InvalidArgumentError('Give an instant such as 2026-11-24T10:15:00Z or 2026-11-24T19:15:00+09:00.');
}

/** Writes an instant as PostgreSQL reads it. The year 10000, which an offset can lead to, has no sign there. */
export function instantText(instant: Date): string {
  return instant.toISOString().replace(/^\+0/, '');
}

/** Reads ids such as `shop_1,shop_2`. Throws InvalidArgumentError. */
export function readShopIds(text: string): string[] {
  const ids = words(text);
  if (ids.length > 0 && ids.every((id) => z.safeParse(ShopId, id).success)) return ids;
  throw new InvalidArgumentError('Give ids of shops, separated by commas, each 1 to 64 of A-Z a-z 0-9 _ -.');
}

/** Reads the name of a consumer. Throws InvalidArgumentError with the known names. */
export function readConsumer(text: string): string {
  const names: string[] = agreements.map(({ name }) => name);
  if (names.includes(text)) return text;
  throw new InvalidArgumentError(`The consumers are ${names.join(', ')}.`);
}

/** Makes a reader of whole numbers from 1 to `most`. The reader throws InvalidArgumentError. */
export function readNumber(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`);
  };
}

/**
 * Chooses the types to ring: the types of the options, or all types that wake the chosen consumer, or all types.
 * Throws an Error if a type does not wake the chosen consumer.
 */
export function typesFor({ types, consumer }: Pick<ReplayOptions, 'types' | 'consumer'>): EventType[] {
  if (consumer === undefined) return types ?? [...eventTypes];
  const agreed: readonly string[] = agreements.find(({ name }) => name === consumer)?.wakesOn ?? [];
  const wakesOn = eventTypes.filter((type) => agreed.includes(type));
  const asleep = (types ?? []).filter((type) => !wakesOn.includes(type));
  if (asleep.length > 0)
    throw new Error(`${asleep.join(', ')} does not wake ${consumer}. Choose from ${wakesOn.join(', ')}.`);
  return types ?? wakesOn;
}
