import type { HoldStore } from './hold-store.ts';
import type { ProgressStore } from './progress-store.ts';

/** A stored view of a resource. `view` is null for a resource that is gone: this tombstone keeps the version. */
export type ViewRow<View> = { id: string; version: number; view: View | null };

/** A row that is no tombstone. */
export type LivingRow<View> = { id: string; version: number; view: View };

/** Condition on a value: equal to a text, beginning with it, or containing it. */
export type Condition = string | { startsWith: string } | { contains: string };

/** Conditions on indexed values. All values must fit; of several conditions on one value, one must fit. */
export type Filter = Readonly<Record<string, Condition | readonly Condition[]>>;

/**
 * Values of a view that can be queried: a name and the path to the value, `{ city: 'region.city' }`. A text that is
 * only searched in needs no index: `{ words: { path: 'words', searched: true } }`. A value that most views share and
 * that changes often gets an index only where it costs almost nothing: `{ path: 'openness', coarse: true }`.
 */
export type Indexes = Readonly<Record<string, Index>>;

/** The path to one value, and the kind of its index. */
export type Index = string | { path: string; searched: true } | { path: string; coarse: true };

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const PATH = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/;

/**
 * Lists the names and paths of the indexes. Their characters are safe in any store's schema. Throws RangeError for an
 * index with another name or path.
 */
export function pathsOf(indexes: Indexes): { name: string; path: string }[] {
  return Object.entries(indexes).map(([name, index]) => {
    const path = typeof index === 'string' ? index : index.path;
    if (!NAME.test(name) || !PATH.test(path))
      throw new RangeError(`an index is named ${NAME} and stands at ${PATH}; "${name}: ${path}" doesn't fit`);
    return { name, path };
  });
}

/** Storage of a consumer's views: one row per resource, whose version never goes back. */
export type ViewStore<View> = {
  /**
   * Reads the versions of these resources; unknown ids are left out. A version may be older than the stored one for a
   * moment, but never newer. An old one costs a look, whose answer `write` then refuses.
   */
  versions(ids: readonly string[]): Promise<Map<string, number>>;
  /** Reads the latest rows of these resources, tombstones too, in no particular order. */
  read(ids: readonly string[]): Promise<ViewRow<View>[]>;
  /**
   * Writes each row whose version is higher than the stored one, and returns for each whether it was written. It counts
   * as written, too, if an earlier try of the same row succeeded without an answer. Resolves when all rows are safe: a
   * message is deleted only after that. When it rejects, each row may be written or not, but never in part. Writing
   * them again does no harm.
   */
  write(rows: readonly ViewRow<View>[]): Promise<boolean[]>;
  /**
   * Reads rows with ids above `after` in id order, tombstones too: at most `limit`, fewer where they are large, and
   * none only at the end. A row written a moment ago may still be missing.
   */
  scan(after: string, limit: number): Promise<ViewRow<View>[]>;
  /**
   * Finds rows that fit, no tombstones, with ids above `after`, in id order. A row written a moment ago may still be
   * missing. Throws RangeError for a value that is not indexed. Where each read costs money, a filter that would read
   * too many views throws a ProblemError.
   */
  query(filter: Filter, after: string, limit: number): Promise<LivingRow<View>[]>;
  /**
   * Writes a row that is no view, as `write` would, and removes it. Rejects while views can't be written. A worker
   * calls it now and then after a failed write, and receives messages again when it resolves.
   */
  probe(): Promise<void>;
  /**
   * Returns why a row can never be stored, such as its size, or null if it can. A store that takes any row has no such
   * method.
   */
  refusal?(row: ViewRow<View>): string | null;
  /**
   * Counts the rows, tombstones too. A store in which that costs as much as reading them all has no such method.
   */
  count?(): Promise<number>;
  /**
   * How views are made now. It is kept beside each view, and `write` takes a row of the stored version, too, where the
   * stored view has another revision. Without it, views are not made again when the projection changes.
   */
  revision?: string;
  /** The progress of the consumer. Without it the feed is not followed. */
  progress?: ProgressStore;
  /** Where it is kept that the consumer holds. Without it nothing is held (refresh/brake.ts). */
  holds?: HoldStore;
};
