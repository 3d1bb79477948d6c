/** What a consumer keeps of a shop. `view` is null for a closed one: a tombstone that keeps the version. */
export type ViewRow<View> = { id: string; version: number; view: View | null };

/** Where a consumer keeps its views: one row per shop, never written backwards. */
export type ViewStore<View> = {
  /** The versions of these shops; unknown ids are left out. */
  versions(ids: readonly string[]): Promise<Map<string, number>>;
  /** The rows of these shops, tombstones too, in no particular order. */
  read(ids: readonly string[]): Promise<ViewRow<View>[]>;
  /**
   * Writes each row whose version is higher than the stored one, all in one transaction; says of each whether
   * it was written. Resolves when the rows are safe on disk: a message is deleted only after that.
   */
  write(rows: readonly ViewRow<View>[]): Promise<boolean[]>;
  /** Rows with ids above `after` in id order, tombstones too. */
  scan(after: string, limit: number): Promise<ViewRow<View>[]>;
};
