import type { Context } from 'hono';
import type { BucketAnswer } from '../../contracts/wire/source-api.ts';
import type { ByteBudget } from '../http/byte-budget.ts';
import type { RateLimit } from '../http/rate-limit.ts';

/** A resource as the data's owner has it. `state` is `null` for a closed resource. */
export type SourceRow<State> = { id: string; version: number; state: State | null };

/** Functions and limits that a source API takes from the service that mounts it. */
export type Source<State, Resource> = {
  /**
   * Reads resources by id; unknown ids are left out. May throw the ProblemError `too-large`; then it is called with
   * fewer ids.
   */
  read: (ids: readonly string[]) => Promise<SourceRow<State>[]>;
  /**
   * Needed where `read` asks a replica: the same read from the primary, and the time in milliseconds. The primary
   * answers for resources that were asked for twice with a Min-Version that the replica lacks. The first request is
   * remembered for a minute.
   */
  primary?: { read: (ids: readonly string[]) => Promise<SourceRow<State>[]>; now: () => number };
  /**
   * Reads resources with ids above `after` in id order, closed ones too: at most `limit`, and fewer where they are
   * large. Returns none only at the end. No other limit bounds the read. Ids are ordered by their bytes: `collate "C"` in
   * PostgreSQL, `<` in JavaScript.
   */
  readPage: (after: string, limit: number) => Promise<SourceRow<State>[]>;
  /**
   * Reads the contents of these buckets (contracts/wire/digests.ts), in order. Without it every call for digests reads
   * all pages, which is fine for some thousand resources.
   */
  readBuckets?: (prefixes: readonly string[]) => Promise<BucketAnswer[]>;
  /** Selects the agreed fields of a resource. Fields that the agreement doesn't name are cut off in any case. */
  select: (state: State) => Resource;
  /** SHA-256 digests (hex) of the tokens that are valid for this agreement; null allows every request. */
  tokens: readonly string[] | null;
  /** Number of requests that each token may send; without it there is no limit. */
  limit?: RateLimit;
  /** Memory for large answers, shared by all agreements of a service; no limit by default. */
  answers?: ByteBudget;
  /** Turns an error into a response; a problem document by default. */
  onError?: (error: Error, c: Context) => Response;
  /** Called for every resource that breaks the agreement and can't be shown, and for every fault behind a 500. */
  onFault: (error: Error) => void;
};
