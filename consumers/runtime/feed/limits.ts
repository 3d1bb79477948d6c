/** Times in milliseconds, and numbers of changes. */
export type FollowLimits = {
  /** Time between two questions for changes, on average. */
  every: number;
  /** Time that the ring of a change may take. */
  grace: number;
  /** Time between two readings of all pages of a source without a feed. */
  pages: number;
  /** Changes in one answer, and changes that are read before the looks at them begin. */
  changes: number;
  gather: number;
  /** Time for which the source may hold a question until there is a change. */
  wait: number;
  /** Time without a sign of life after which another worker follows. */
  lease: number;
};

/**
 * 30 s, so that what was never rung is found within a minute. 5 s of grace: a ring takes a tenth of a second, and a
 * queue that is deep some seconds more. An hour for pages, which cost a call for each hundred resources. 10,000 changes
 * at once: most changes of a burst are of the same resources. A lease of 2 minutes.
 */
export const FOLLOW_LIMITS: FollowLimits = {
  every: 30_000,
  grace: 5_000,
  pages: 3_600_000,
  changes: 1_000,
  gather: 10_000,
  wait: 0,
  lease: 120_000,
};
