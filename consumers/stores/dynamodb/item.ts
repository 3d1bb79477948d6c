import { bucketOf } from '../../../contracts/wire/digests.ts';
import type { Indexes, ViewRow } from '../../runtime/views/view-store.ts';
import type { AttributeValue } from './sdk.ts';
import { lookedUp, SHARD, SHARDS, TIME_TO_LIVE, TOMBSTONE_SECONDS } from './table.ts';
import { headOf, textAt } from './values.ts';

/** An item in the format of the API. */
export type Item = Record<string, AttributeValue>;

/** Makes an item of a row: the view as JSON text, so that it stays unchanged, beside the keys of the indexes. */
export function toItem<View>(
  indexes: Indexes,
  { id, version, view }: ViewRow<View>,
  now: number,
  revision?: string,
): Item {
  const item: Item = { id: { S: id }, version: { N: String(version) }, [SHARD]: { S: shardOf(id) } };
  if (revision !== undefined) item.revision = { S: revision };
  if (view === null) return { ...item, [TIME_TO_LIVE.AttributeName]: { N: String(expiry(now)) } };
  item.view = { S: JSON.stringify(view) };
  for (const { attribute, path } of lookedUp(indexes)) {
    const value = textAt(view, path);
    if (value !== null) item[attribute] = { S: headOf(value) };
  }
  return item;
}

const expiry = (now: number) => Math.floor(now / 1_000) + TOMBSTONE_SECONDS;

/** Returns the shard of a row. */
function shardOf(id: string): string {
  return String(Number.parseInt(bucketOf(id), 16) % SHARDS);
}

/** All shards. */
export const shards: readonly string[] = Array.from({ length: SHARDS }, (_, n) => String(n));

/** Makes a row of an item. Throws for an item that this store did not write. */
export function toRow<View>(item: Item): ViewRow<View> {
  return { ...toVersion(item), view: item.view === undefined ? null : JSON.parse(textAttribute(item, 'view')) };
}

/** Reads id and version of an item, without its view. */
export function toVersion(item: Item): { id: string; version: number } {
  const version = Number(item.version?.N);
  if (!Number.isInteger(version)) throw new Error(`an item is no row: version ${JSON.stringify(item.version)}`);
  return { id: textAttribute(item, 'id'), version };
}

/** Reads a text attribute of an item. Throws where it is missing. */
export function textAttribute(item: Item, name: string): string {
  const text = item[name]?.S;
  if (text === undefined) throw new Error(`an item is no row: ${name} ${JSON.stringify(item[name])}`);
  return text;
}

/** 400 KB, names of attributes included (Amazon DynamoDB quotas). */
const MOST_BYTES = 400 * 1_024;

/** Returns why an item can't be stored; null if it can. */
export function refusalOf(item: Item): string | null {
  const bytes = Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);
  if (bytes <= MOST_BYTES) return null;
  return `the view is too large: its item has ${bytes} bytes, and DynamoDB takes ${MOST_BYTES}; let the projection keep less of the resource`;
}

/**
 * Size of a value in bytes. Texts count by their bytes. Numbers take one byte for two digits, without zeros at the end,
 * plus one.
 */
function sizeOf({ S, N = '' }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  return Math.ceil(N.replace(/0+$/, '').length / 2) + 1;
}
