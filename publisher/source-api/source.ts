import type { Context } from 'hono';
import type * as z from 'zod/mini';
import type { FeedAnswer, FeedRequest } from '../../contracts/wire/feed.ts';
import type { BucketAnswer } from '../../contracts/wire/source-api.ts';
import type { ByteBudget } from '../http/byte-budget.ts';
import type { RateLimit } from '../http/rate-limit.ts';

/**
 * A resource as the data's owner has it. `state` is `null` for a resource that is gone. A version may be a text, as
 * PostgreSQL's bigint is by default.
 */
export type SourceRow<State> = { id: string; version: number | string; state: State | null };

/** Rows that have ids, or pairs of id and state. A resource that is missing is not shown: it counts as gone. */
export type States<State> = Iterable<readonly [string, State]> | readonly (State & { id: string | number | bigint })[];

/** Reads the states of resources by id, in the transaction that has read their versions. */
export type ReadStates<State, Transaction> = (
  ids: readonly string[],
  transaction: Transaction,
) => Promise<States<State>>;

/**
 * A change log that knows the version of each resource, such as the outbox. It reads versions and states in one
 * snapshot, so that a version and its content belong together.
 */
export type ResourceLog<Transaction> = {
  read: <State>(ids: readonly string[], states: ReadStates<State, Transaction>) => Promise<SourceRow<State>[]>;
  readPage: <State>(
    after: string,
    limit: number,
    states: ReadStates<State, Transaction>,
  ) => Promise<SourceRow<State>[]>;
  readBuckets: (prefixes: readonly string[]) => Promise<BucketAnswer[]>;
  feed: Feed;
};

/** A question to a feed: the body of the request, the types of the agreement, and a signal that ends the wait. */
export type FeedWant = Omit<z.output<typeof FeedRequest>, 'after'> & {
  after: string | undefined;
  types: readonly string[];
  signal: AbortSignal;
};

/** The feed of a change log, for every agreement. Throws the ProblemErrors `feed-expired` and `feed-replaced`. */
export type Feed = { read: (want: FeedWant) => Promise<FeedAnswer> };

/** A source on a change log. The service reads the states; versions, pages, digests and feed come from the log. */
export type LogSource<State, Transaction> = {
  log: ResourceLog<Transaction>;
  read: ReadStates<State, Transaction>;
};

/** A source that reads versions and states by itself. */
export type RowSource<State> = {
  log?: undefined;
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
   * Reads resources with ids above `after`, ordered by the bytes of their ids (`collate "C"`), closed ones too: at most
   * `limit`, and fewer where they are large. Returns none only at the end. No other limit bounds the read.
   */
  readPage: (after: string, limit: number) => Promise<SourceRow<State>[]>;
  /**
   * Reads the contents of these buckets (contracts/wire/digests.ts), in order. Without it every call for digests reads
   * all pages, which is fine for some thousand resources.
   */
  readBuckets?: (prefixes: readonly string[]) => Promise<BucketAnswer[]>;
  /** Without it the source has no feed, and its consumers read all of its pages once an hour. */
  feed?: Feed;
};

/** Settings of a source API, whatever it stands on. */
export type SourceSettings<State, Resource> = {
  /** SHA-256 digests (hex) of the tokens that are valid for this agreement; null allows every request. */
  tokens: readonly string[] | null;
  /** Number of requests that each token may send; without it there is no limit. */
  limit?: RateLimit;
  /** Memory for large answers, shared by all agreements of a service; no limit by default. */
  answers?: ByteBudget;
  /** Turns an error into a response; a problem document by default. */
  onError?: (error: Error, c: Context) => Response;
  /**
   * Called for every resource that can't be shown, with its id, and for every fault behind a 500; prints to stderr by
   * default.
   */
  onFault?: (error: Error) => void;
} & ([State] extends [Resource]
  ? { select?: (state: State) => Resource }
  : {
      /** Selects the agreed fields of a resource. Fields that the agreement doesn't name are cut off in any case. */
      select: (state: State) => Resource;
    });

/**
 * A source on a change log that reads what the agreement shows, without a `select`. The compiler knows the types of
 * `read` from the agreement and the log.
 */
export type PlainLogSource<Resource, Transaction> = LogSource<Resource, Transaction> &
  Omit<SourceSettings<never, Resource>, 'select'> & { select?: undefined };

/** Functions and limits that a source API takes from the service that mounts it. */
// biome-ignore lint/suspicious/noExplicitAny: the transaction is the log's own, and a source only hands it on.
export type Source<State, Resource> = (RowSource<State> | LogSource<State, any>) & SourceSettings<State, Resource>;
