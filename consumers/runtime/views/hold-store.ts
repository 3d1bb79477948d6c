/**
 * The place beside the views where it is kept that a consumer holds. It is in the store of the views, so that all workers
 * of the consumer see it, and a restart forgets nothing.
 */
export type HoldStore = {
  /** Reads the text that was kept; null where nothing was. */
  read(): Promise<string | null>;
  /** Keeps a text in place of the one before. Resolves when it is safe. */
  keep(text: string): Promise<void>;
};
