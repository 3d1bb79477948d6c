/**
 * Place for the progress of a consumer: how far it has followed the feed. It is in the same store as the views, so that
 * an older copy of the store has an older progress.
 */
export type ProgressStore = {
  /**
   * Takes the lease of this store for `ms` milliseconds, or renews it. Returns the text that was kept (null if there is
   * none), or null if another holder has the lease. So at most one worker of a consumer follows at a time. A lease that
   * ends later than in twice `ms` is ignored, because the clock was set back since.
   */
  lease(holder: string, ms: number): Promise<{ kept: string | null } | null>;
  /**
   * Keeps a text and renews the lease for `ms`. False if another holder has it by now: nothing is kept then. Resolves
   * when the text is safely stored. Views that were written earlier are safe then, too.
   */
  keep(holder: string, ms: number, text: string): Promise<boolean>;
  /** Reads the text that was kept, without the lease; null where nothing was. */
  read(): Promise<string | null>;
  /** Gives up the lease, so that another worker need not wait for its end. */
  release(holder: string): Promise<void>;
};
