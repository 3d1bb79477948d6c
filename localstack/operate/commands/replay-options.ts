import { InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { consumerNames, agreements as ours } from '../../../contracts/shops/agreements/all.ts';
import { type EventType, eventTypes } from '../../../contracts/shops/event-types.ts';
import { ShopId } from '../../../contracts/shops/shop.ts';
import type { Agreement } from '../../../contracts/wire/agreement.ts';

/** Options of `doorbell replay`. */
export type ReplayOptions = {
  types?: EventType[];
  since?: Date;
  until?: Date;
  shops?: string[];
  consumer?: string;
  /** The module with the agreement of the consumer. */
  agreements?: string;
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

/** Reads the name of a consumer, known to this repository or not. Throws InvalidArgumentError. */
export function readConsumer(text: string): string {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(text)) return text;
  throw new InvalidArgumentError('Give lower-case letters, digits and -, at most 40, beginning with a letter.');
}

/** Makes a reader of whole numbers from 1 to `most`. The reader throws InvalidArgumentError. */
export function readNumber(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`);
  };
}

/** Options that choose the types to ring, and the agreements of the module that they name. */
export type TypeChoice = Pick<ReplayOptions, 'types' | 'consumer'> & { others?: readonly TermsOfTypes[] };

type TermsOfTypes = Pick<Agreement, 'name' | 'wakesOn'>;

/**
 * Chooses the types to ring: the types of the options, or all types that wake the chosen consumer, or all types. The
 * agreements of a module go before those of this repository. Throws an Error if a type does not wake the chosen
 * consumer, or if it is not known what wakes it.
 */
export function typesFor({ types, consumer, others = [] }: TypeChoice): EventType[] {
  if (consumer === undefined) return types ?? [...eventTypes];
  const agreed = agreedTypes(consumer, others);
  if (agreed === null && types !== undefined) return types;
  if (agreed === null) throw new Error(unknownTo(consumer, others));
  const wakesOn = eventTypes.filter((type) => agreed.includes(type));
  if (wakesOn.length === 0)
    throw new Error(`${consumer} wakes on ${agreed.join(', ')}, but the events here are ${eventTypes.join(', ')}.`);
  const asleep = (types ?? []).filter((type) => !wakesOn.includes(type));
  if (asleep.length > 0)
    throw new Error(`${asleep.join(', ')} does not wake ${consumer}. Choose from ${wakesOn.join(', ')}.`);
  return types ?? wakesOn;
}

/** Lists the types that wake a consumer, by all versions of its agreement; null if it is not known. */
function agreedTypes(consumer: string, others: readonly TermsOfTypes[]): string[] | null {
  const of = (all: readonly TermsOfTypes[]) => all.filter(({ name }) => name === consumer);
  const versions = of(others).length > 0 ? of(others) : of(ours);
  return versions.length === 0 ? null : versions.flatMap(({ wakesOn }) => wakesOn);
}

function unknownTo(consumer: string, others: readonly TermsOfTypes[]): string {
  if (others.length > 0)
    return `--agreements has no agreement of ${consumer}, only of ${others.map(({ name }) => name).join(', ')}.`;
  return (
    `no consumer "${consumer}" in this repository. The consumers are ${consumerNames.join(', ')}. ` +
    'For another one, give its types by --types or --agreements, and set DOORBELL_QUEUE_URL to its queue.'
  );
}
