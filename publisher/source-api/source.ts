import type { Context } from 'hono';
import type { BucketAnswer } from '../../contracts/wire/source-api.ts';
import type { ByteBudget } from '../http/byte-budget.ts';
import type { RateLimit } from '../http/rate-limit.ts';

/** A resource as the owner of the data has it. `state` is `null` for a closed one. */
export type SourceRow<State> = { id: string; version: number; state: State | null };

/** What a source API needs of the service that mounts it. */
export type Source<State, Resource> = {
  /** Resources by id; unknown ids are left out. May throw the ProblemError `too-large`, and is asked for fewer then. */
  read: (ids: readonly string[]) => Promise<SourceRow<State>[]>;
  /**
   * Where `read` asks a replica: the same of the primary, for resources that were asked for twice with a Min-Version the
   * replica lacks; and the time in milliseconds, because that is remembered for a minute.
   */
  primary?: { read: (ids: readonly string[]) => Promise<SourceRow<State>[]>; now: () => number };
  /**
   * Resources with ids above `after` in id order, closed ones too: at most `limit`, and fewer where they are large; none
   * only at the end. Nothing bounds what is read but this.
   */
  readPage: (after: string, limit: number) => Promise<SourceRow<State>[]>;
  /**
   * What is in these buckets (contracts/wire/digests.ts), in order. Without it every call for digests reads all pages, which
   * is fine for some thousand resources.
   */
  readBuckets?: (prefixes: readonly string[]) => Promise<BucketAnswer[]>;
  /** The agreed fields of a resource. What the agreement doesn't name is cut off, whatever this returns. */
  select: (state: State) => Resource;
  /** SHA-256 digests (hex) of the tokens that are good for this agreement; null lets everybody in. */
  tokens: readonly string[] | null;
  /** Number of requests that each token may send; without it there is no limit. */
  limit?: RateLimit;
  /**
   * Room in memory for answers of many, shared by all agreements of a service; as much as there is where nothing is
   * said.
   */
  answers?: ByteBudget;
  /** Answers what was thrown; a problem document by default. */
  onError?: (error: Error, c: Context) => Response;
  /** Hears of every resource that can't be shown because it breaks the agreement, and of every fault behind a 500. */
  onFault: (error: Error) => void;
};
