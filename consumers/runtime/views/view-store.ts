/** Row that a consumer keeps of a resource. `view` is null for a closed one: a tombstone that keeps the version. */
export type ViewRow<View> = { id: string; version: number; view: View | null };

/** A row that is no tombstone. */
export type LivingRow<View> = { id: string; version: number; view: View };

/** Condition on a value: a text, the beginning of one, or a part of one. */
export type Condition = string | { startsWith: string } | { contains: string };

/** Conditions on indexed values; all must hold, and of several on one value any. */
export type Filter = Readonly<Record<string, Condition | readonly Condition[]>>;

/**
 * Which values of a view can be queried: a name and where it stands, `{ city: 'region.city' }`. A text that is only
 * ever searched in is not worth an index: `{ words: { path: 'words', searched: true } }`. A value that most views share
 * and that changes often is worth one only where an index costs next to nothing: `{ path: 'openness', coarse: true }`.
 */
export type Indexes = Readonly<Record<string, Index>>;

/** One entry of them. */
export type Index = string | { path: string; searched: true } | { path: string; coarse: true };

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const PATH = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/;

/**
 * Where each indexed value stands. Names and paths are such that they can stand in any store's schema as they are.
 * Throws RangeError for an index that can't be named.
 */
export function pathsOf(indexes: Indexes): { name: string; path: string }[] {
  return Object.entries(indexes).map(([name, index]) => {
    const path = typeof index === 'string' ? index : index.path;
    if (!NAME.test(name) || !PATH.test(path))
      throw new RangeError(`an index is named ${NAME} and stands at ${PATH}; "${name}: ${path}" doesn't fit`);
    return { name, path };
  });
}

/** Store of a consumer's views: one row per resource, never written backwards. */
export type ViewStore<View> = {
  /**
   * The versions of these resources; unknown ids are left out. Any may be older than what is stored, by a moment, and none
   * newer: an old one costs a look, whose answer `write` then refuses.
   */
  versions(ids: readonly string[]): Promise<Map<string, number>>;
  /** The rows of these resources, tombstones too, in no particular order, as they were written last. */
  read(ids: readonly string[]): Promise<ViewRow<View>[]>;
  /**
   * Writes each row whose version is higher than the stored one; says of each whether it was written, also where the
   * same row was written by a try that was not heard of. Resolves when all of them are safe: a message is deleted only
   * after that. When it rejects, any of them may be written and any not, each as a whole: writing them again does no harm.
   */
  write(rows: readonly ViewRow<View>[]): Promise<boolean[]>;
  /**
   * Rows with ids above `after` in id order, tombstones too: at most `limit`, fewer where they are large, and none only
   * at the end. A row written a moment ago may not be among them yet.
   */
  scan(after: string, limit: number): Promise<ViewRow<View>[]>;
  /**
   * Living rows that fit, with ids above `after`, in id order; one written a moment ago may not be among them yet. Throws
   * RangeError for a value that is not indexed, and a ProblemError for a filter that too many views would have to be read
   * for, where reading is paid for.
   */
  query(filter: Filter, after: string, limit: number): Promise<LivingRow<View>[]>;
  /**
   * Writes something that is no view, as `write` would, and takes it away again. Rejects while views can't be written.
   * A worker calls it now and then after a write has failed, and receives again when it resolves.
   */
  probe(): Promise<void>;
  /** Why a row can never be stored, as when it is too large; null if it can. A store that takes any row has no such method. */
  refusal?(row: ViewRow<View>): string | null;
};
