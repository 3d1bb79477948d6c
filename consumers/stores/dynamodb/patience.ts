import { type Clock, deadline, jitter } from '../../runtime/system.ts';

/** Time limit of one piece of work, over all its requests. */
export type Patience = {
  signal: AbortSignal;
  /** Waits before the next try, longer after each failure in a row. Rejects with `cause` when the time is up. */
  pause: (failures: number, cause: Error) => Promise<void>;
};

/** 5 s: a message stays invisible for 30 s, and a look also has to wait for a source. */
const LIMIT = 5_000;
/** Milliseconds: a throttled partition has capacity again within a second. */
const PAUSE = { first: 50, most: 1_000 };

/** Runs work with a time limit. */
export async function withPatience<T>(
  clock: Clock,
  closed: AbortSignal,
  work: (patience: Patience) => Promise<T>,
): Promise<T> {
  const { signal, dispose } = deadline(clock, LIMIT, closed);
  const pause = async (failures: number, cause: Error) => {
    if (!signal.aborted) await clock.sleep(jitter(clock, failures, PAUSE.first, PAUSE.most), signal);
    if (closed.aborted) throw new Error('the store is closed', { cause });
    if (signal.aborted) throw new Error(`DynamoDB did not finish within ${LIMIT} ms: ${cause.message}`, { cause });
  };
  try {
    return await work({ signal, pause });
  } finally {
    dispose();
  }
}

/** Tries until it succeeds, fails for good or the time is up. Each try receives the number of failures before it. */
export async function tryUntilDone<T>(patience: Patience, attempt: (failures: number) => Promise<T>): Promise<T> {
  let cause: Error | null = null;
  for (let failures = 0; ; failures++) {
    try {
      return await attempt(failures);
    } catch (error) {
      if (isFinal(error as ServiceError)) throw error;
      // An aborted last try says nothing: the error before it does.
      if (cause === null || !patience.signal.aborted) cause = error as Error;
      await patience.pause(failures, cause);
    }
  }
}

type ServiceError = Error & { $fault?: 'client' | 'server' };

/**
 * Errors that DynamoDB calls the client's fault but that may pass: too many requests, or a wrong clock, which the SDK
 * corrects.
 */
const PASSING = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TransactionConflictException',
  'RequestTimeTooSkewed',
  'RequestExpired',
  'InvalidSignatureException',
]);

/**
 * True if another try can't help, as after a refusal. An error without an answer of DynamoDB (no connection, a timeout,
 * garbage) may pass.
 */
function isFinal({ name, $fault }: ServiceError): boolean {
  return $fault === 'client' && !PASSING.has(name);
}

/**
 * Works through items, a limited number at once. After a failure it starts no other, and rejects when those under way
 * are done.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    while (next < items.length && failures.length === 0) {
      const n = next++;
      try {
        results[n] = await work(items[n] as Item);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
