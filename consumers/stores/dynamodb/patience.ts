import { type Clock, deadline, jitter } from '../../runtime/system.ts';

/** The time that one piece of work may take, however many requests it makes. */
export type Patience = {
  signal: AbortSignal;
  /** Waits before the next try, longer after each failure in a row. Rejects with `cause` when the time is up. */
  pause: (failures: number, cause: Error) => Promise<void>;
};

/** 5 s: a message stays invisible for 30, and a look has a source to wait for, too. */
const LIMIT = 5_000;
/** Milliseconds: a throttled partition has capacity again within the second. */
const PAUSE = { first: 50, most: 1_000 };

/** Does work in a limited time. */
export async function withPatience<T>(
  clock: Clock,
  closed: AbortSignal,
  work: (patience: Patience) => Promise<T>,
): Promise<T> {
  const { signal, dispose } = deadline(clock, LIMIT, closed);
  const pause = async (failures: number, cause: Error) => {
    if (!signal.aborted) await clock.sleep(jitter(clock, failures, PAUSE.first, PAUSE.most), signal);
    if (closed.aborted) throw new Error('the store is closed', { cause });
    if (signal.aborted) throw new Error(`DynamoDB did not do it within ${LIMIT} ms: ${cause.message}`, { cause });
  };
  try {
    return await work({ signal, pause });
  } finally {
    dispose();
  }
}

/** Tries until it succeeds, fails for good or time is up; each try is told how many failed before it. */
export async function tryUntilDone<T>(patience: Patience, attempt: (failures: number) => Promise<T>): Promise<T> {
  let cause: Error | null = null;
  for (let failures = 0; ; failures++) {
    try {
      return await attempt(failures);
    } catch (error) {
      if (isFinal(error as ServiceError)) throw error;
      // That the last try was cut short says nothing: what went wrong before does.
      if (cause === null || !patience.signal.aborted) cause = error as Error;
      await patience.pause(failures, cause);
    }
  }
}

type ServiceError = Error & { $fault?: 'client' | 'server' };

/** Faults that pass when asked again, though DynamoDB calls it our fault: too much at once, or a clock that the SDK sets right. */
const PASSING = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TransactionConflictException',
  'RequestTimeTooSkewed',
  'RequestExpired',
  'InvalidSignatureException',
]);

/** A refusal stays one. Whatever is no answer of DynamoDB's (no connection, a timeout, garbage) may be one next time. */
function isFinal({ name, $fault }: ServiceError): boolean {
  return $fault === 'client' && !PASSING.has(name);
}

/** Works through items, so many at once; after a failure it begins no other, and rejects when those under way are over. */
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
