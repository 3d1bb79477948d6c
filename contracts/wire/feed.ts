import * as z from 'zod/mini';
import { TypeName } from './notification.ts';
import { ResourceId, Version } from './resource.ts';

/** 1,000 changes in an answer: some 120 KB for ids of 16 characters, and at most 290 KB. */
export const FEED_LIMIT = 1_000;

/** 30 s in milliseconds: the longest `wait`. Many proxies cut a connection after 60 s of silence. */
export const FEED_WAIT = 30_000;

/**
 * A place in the feed: a position of the change log, and the event there. Only the source that gave it can read it. The
 * answer to a cursor of another log is `feed-replaced`.
 */
export const FeedCursor = z.string().check(z.regex(/^[A-Za-z0-9._~-]{1,200}$/, '1 to 200 of A-Z a-z 0-9 - . _ ~'));

/**
 * Body of `POST {path}/changes`.
 * - `after`: the cursor at which the last answer ended. Without it the answer has no changes, and its `next` is the end
 *   of the feed: what is committed from now on comes after it.
 * - `limit`: the largest number of changes in the answer; 1,000 by default.
 * - `wait`: milliseconds for which the source waits for a change, if there is none; 0 by default. It may answer sooner.
 */
export const FeedRequest = z.strictObject({
  after: z.optional(FeedCursor),
  limit: z._default(z.int().check(z.minimum(1), z.maximum(FEED_LIMIT)), FEED_LIMIT),
  wait: z._default(z.int().check(z.minimum(0), z.maximum(FEED_WAIT)), 0),
});
/** The body as a consumer writes it. */
export type FeedRequest = z.input<typeof FeedRequest>;

/**
 * A change: the resource, what happened, the version it got, and whether the resource was gone then. `occurredAt`:
 * milliseconds since the epoch by the clock of the source's database; an older source leaves it out.
 */
export const FeedChange = z.object({
  id: ResourceId,
  type: TypeName,
  version: Version,
  gone: z.boolean(),
  occurredAt: z.optional(z.int().check(z.minimum(0))),
});
export type FeedChange = z.output<typeof FeedChange>;

/**
 * Body of the answer to `POST {path}/changes`. It has the changes of the agreement's types, and each change by which a
 * resource is gone. A change that is committed later never comes earlier in the feed. `next` is the `after` of the next
 * request. `head` is the newest change of the log. When `next` equals `head`, the consumer has read everything.
 */
export const FeedAnswer = z.object({ changes: z.array(FeedChange), next: FeedCursor, head: FeedCursor });
export type FeedAnswer = z.output<typeof FeedAnswer>;
