import { bucketOf } from '../../../contracts/wire/digests.ts';
import type { Indexes, ViewRow } from '../../runtime/views/view-store.ts';
import type { AttributeValue } from './sdk.ts';
import { lookedUp, SHARD, SHARDS, TIME_TO_LIVE, TOMBSTONE_SECONDS } from './table.ts';
import { headOf, textAt } from './values.ts';

/** An item as the API writes it. */
export type Item = Record<string, AttributeValue>;

/** Makes items of rows: the view as JSON text, so that it comes back as it was, beside the keys of the indexes. */
export function toItem<View>(indexes: Indexes, { id, version, view }: ViewRow<View>, now: number): Item {
  const item: Item = { id: { S: id }, version: { N: String(version) }, [SHARD]: { S: shardOf(id) } };
  if (view === null) return { ...item, [TIME_TO_LIVE.AttributeName]: { N: String(expiry(now)) } };
  item.view = { S: JSON.stringify(view) };
  for (const { attribute, path } of lookedUp(indexes)) {
    const value = textAt(view, path);
    if (value !== null) item[attribute] = { S: headOf(value) };
  }
  return item;
}

const expiry = (now: number) => Math.floor(now / 1_000) + TOMBSTONE_SECONDS;

/** The shard that a row is in. */
function shardOf(id: string): string {
  return String(Number.parseInt(bucketOf(id), 16) % SHARDS);
}

/** Every shard there is. */
export const shards: readonly string[] = Array.from({ length: SHARDS }, (_, n) => String(n));

/** Makes rows of items. Throws for an item that is none of ours. */
export function toRow<View>(item: Item): ViewRow<View> {
  return { ...toVersion(item), view: item.view === undefined ? null : JSON.parse(textOf(item, 'view')) };
}

/** Facts of an item without its view. */
export function toVersion(item: Item): { id: string; version: number } {
  const version = Number(item.version?.N);
  if (!Number.isInteger(version)) throw new Error(`an item is no row: version ${JSON.stringify(item.version)}`);
  return { id: textOf(item, 'id'), version };
}

/** A text of an item. */
export function textOf(item: Item, name: string): string {
  const text = item[name]?.S;
  if (text === undefined) throw new Error(`an item is no row: ${name} ${JSON.stringify(item[name])}`);
  return text;
}

/** 400 KB, names of attributes included (Amazon DynamoDB quotas). */
const MOST_BYTES = 400 * 1_024;

/** Why an item can't be stored; null if it can. */
export function refusalOf(item: Item): string | null {
  const bytes = Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);
  if (bytes <= MOST_BYTES) return null;
  return `the view is too large: its item has ${bytes} bytes, and DynamoDB takes ${MOST_BYTES}; project less of the resource`;
}

/** Texts count by their bytes; of numbers two digits are one, without zeros at the end, and one byte more. */
function sizeOf({ S, N = '' }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  return Math.ceil(N.replace(/0+$/, '').length / 2) + 1;
}
