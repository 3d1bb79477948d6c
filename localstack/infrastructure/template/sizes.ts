/** What a function gets. */
export type Size = {
  /** MB; Lambda gives processor time in proportion, a whole core at 1,769 MB. */
  memory: number;
  /** Seconds until Lambda stops an invocation. */
  timeout: number;
};

/**
 * 512 MB: a cold start computes, and more memory is more processor. 30 s for a consumer: three times what a look may
 * take, retries included; 29 s for who answers requests, because an HTTP API waits for 30 s and then says 503 for us.
 * 75 s for the relay, which is started every minute: the next one waits for its leadership, so nobody is missing.
 * 900 s for migrations: an index over a million shops takes 1.4 s, and there may be many millions.
 */
export const sizes = {
  api: { memory: 512, timeout: 29 },
  relay: { memory: 512, timeout: 75 },
  migrate: { memory: 512, timeout: 900 },
  consumer: { memory: 512, timeout: 30 },
  queries: { memory: 512, timeout: 29 },
} as const satisfies Record<string, Size>;

/** 100: a source API answers for so many shops at once. Lambda asks for a window of a second or more above ten. */
export const BATCH_SIZE = 100;
/** 1 s: what Lambda waits for a batch to fill, where fewer messages are there. */
export const BATCH_WINDOW = 1;

/** Six times the timeout and the window: so long Lambda may hold a message (AWS Lambda, "Using Lambda with Amazon SQS"). */
export const FUNCTION_VISIBILITY = 6 * sizes.consumer.timeout + BATCH_WINDOW;

/** 30 days of logs. */
export const LOG_DAYS = 30;
