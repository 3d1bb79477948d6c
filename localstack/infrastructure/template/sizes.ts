/** Memory and timeout of a function. */
export type Size = {
  /** MB; Lambda gives processor time in proportion, a whole core at 1,769 MB. */
  memory: number;
  /** Seconds until Lambda stops an invocation. */
  timeout: number;
};

/**
 * Sizes of the functions. 512 MB: more memory gives more processor time for a cold start. 30 s for a consumer: three
 * times the longest look, retries included. 29 s for APIs: an HTTP API waits for 30 s and then answers 503 itself. 75
 * s for the relay, which is started every minute: the next one waits to lead, so there is no gap. 900 s for
 * migrations: an index over a million shops takes 1.4 s, and there may be many millions.
 */
export const sizes = {
  api: { memory: 512, timeout: 29 },
  relay: { memory: 512, timeout: 75 },
  migrate: { memory: 512, timeout: 900 },
  consumer: { memory: 512, timeout: 30 },
  queries: { memory: 512, timeout: 29 },
} as const satisfies Record<string, Size>;

/** 100: the most shops in one call of a source API. Above ten, Lambda requires a window of a second or more. */
export const BATCH_SIZE = 100;
/** 1 s: the time that Lambda waits for a batch to fill. */
export const BATCH_WINDOW = 1;

/** Six times the timeout plus the window, as Lambda requires (AWS Lambda, "Using Lambda with Amazon SQS"). */
export const FUNCTION_VISIBILITY = 6 * sizes.consumer.timeout + BATCH_WINDOW;

/** Days that logs are kept. */
export const LOG_DAYS = 30;
