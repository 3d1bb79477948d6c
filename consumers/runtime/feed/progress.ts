import * as z from 'zod/mini';
import { FeedCursor } from '../../../contracts/wire/feed.ts';
import { ResourceId, Version } from '../../../contracts/wire/resource.ts';
import { readKept } from '../views/kept.ts';

/**
 * A version that a resource has according to its source; 0 where it is not known, and the source must be asked.
 * `occurredAt`: when it got it, in milliseconds since the epoch, where that is known.
 */
export type KnownChange = { id: string; version: number; occurredAt?: number | undefined };

/** A change that can't be a view, of a consumer without a dead-letter queue. `at` in milliseconds since the epoch. */
const Poison = z.object({
  version: z.int(),
  reason: z.string(),
  detail: z.string(),
  status: z.optional(z.int()),
  field: z.optional(z.string()),
  at: z.number(),
});
export type Poison = z.output<typeof Poison>;

/**
 * How far a consumer has followed a feed.
 * - `cursor`: all changes before it are in the views, except those in `late` and those that a refill still brings; null
 *   where the source has no feed.
 * - `late`: changes that were looked at several times and that the source does not show yet, with their versions. A
 *   list and not an object, because an id may be `__proto__`.
 * - `poison`: changes that can't be views, of a consumer without a dead-letter queue.
 * - `revision`: how views are made since the last refill began; nothing where that was not known.
 * - `isLive`: all pages of the source were read once, so that the views show all that it has.
 * - `refill`: all pages of the source are read, and this is the id at which to go on. `again`: views of another revision
 *   are made again, too.
 */
const Progress = z.object({
  cursor: z.nullable(FeedCursor),
  late: z.array(z.tuple([ResourceId, z.union([Version, z.literal(0)])])),
  poison: z.optional(z.array(z.tuple([ResourceId, Poison]))),
  isLive: z.optional(z.boolean()),
  revision: z.optional(z.string()),
  refill: z.optional(
    z.object({
      after: z.union([ResourceId, z.literal('')]),
      resources: z.int(),
      again: z.optional(z.boolean()),
    }),
  ),
});
export type Progress = z.output<typeof Progress>;

/** Reads the progress that was kept; null where nothing was, and where another release kept something else. */
export const readProgress = (kept: string | null): Progress | null => readKept(Progress, kept);

/** True if the views show all that the source has, but for the latest changes. */
export const isLive = (progress: Progress | null): boolean =>
  progress !== null && (progress.isLive ?? progress.refill === undefined);
