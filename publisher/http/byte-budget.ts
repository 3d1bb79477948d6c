import type { ServerResponse } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import { ProblemError } from '../../contracts/wire/problem.ts';
import { MOST_BYTES } from './bounds.ts';

/** Bytes that may be in memory at once for requests and answers that grow with what users wrote. */
export type ByteBudget = {
  /**
   * Takes bytes as soon as they are free, first come first served; more than there are is taken for all of them.
   * Resolves to what frees them, or to null when the signal aborts first. Rejects with `unavailable` where 1,000 wait.
   */
  take(bytes: number, signal: AbortSignal): Promise<Release | null>;
  /** Takes bytes that are in memory already, free or not: then nothing is taken until they are. */
  hold(bytes: number): Release;
};

/** Frees bytes that were taken, once. */
type Release = () => void;

/** 1,000: whoever came after those would wait for longer than a client does. */
const MOST_WAITING = 1_000;

/** Makes a budget of so many bytes. */
export function createByteBudget(total: number): ByteBudget {
  let free = total;
  const waiting = new Set<{ bytes: number; admit: () => void }>();

  function hold(bytes: number): Release {
    free -= bytes;
    let isHeld = true;
    return () => {
      if (isHeld) free += bytes;
      isHeld = false;
      admitNext();
    };
  }

  function admitNext(): void {
    for (const each of waiting) {
      if (each.bytes > free) return;
      waiting.delete(each);
      each.admit();
    }
  }

  return {
    hold,
    async take(asked, signal) {
      if (signal.aborted) return null;
      if (waiting.size >= MOST_WAITING)
        throw new ProblemError('unavailable', 'Too much is asked for at once. Try again.');
      const bytes = Math.min(asked, total);
      return new Promise((resolve) => {
        const leave = () => {
          waiting.delete(each);
          resolve(null);
          admitNext();
        };
        const admit = () => {
          signal.removeEventListener('abort', leave);
          resolve(hold(bytes));
        };
        const each = { bytes, admit };
        signal.addEventListener('abort', leave, { once: true });
        waiting.add(each);
        admitNext();
      });
    },
  };
}

/** 64 KiB: what every connection may have in memory; an answer that says no length has no more. */
const SMALL = 64 * 1024;

/**
 * Lets a request be answered only while so many bytes are free, none for 0. They are free again when the answer is
 * made; what it has itself is held until it has left, however slowly it is read.
 */
export function within(budget: ByteBudget, bytesOf: (c: Context) => number): MiddlewareHandler {
  return async (c, next) => {
    const bytes = bytesOf(c);
    if (bytes === 0) return next();
    const release = await budget.take(bytes, c.req.raw.signal);
    // Nobody hears it.
    if (release === null) return c.body(null);
    try {
      await next();
      holdUntilSent(budget, c);
    } finally {
      release();
    }
  };
}

/** 6 MiB: what was read, what is shown and what is written of an answer of 2 MiB (publisher/http/bounds.ts). */
const ANSWER = 3 * MOST_BYTES;

/** Makes an answer of many only while there is room for it. */
export const roomForAnswer = (budget: ByteBudget): MiddlewareHandler => within(budget, () => ANSWER);

/** 24 MiB: a snapshot and the 99 events after it, each of which may register the largest of resources. */
const PAST = 4 * ANSWER;

/** Makes a resource as it was only while there is room for its past; as it is needs none. */
export const roomForPast = (budget: ByteBudget): MiddlewareHandler =>
  within(budget, (c) => (c.req.query('version') === undefined && c.req.query('at') === undefined ? 0 : PAST));

/** Answers with JSON, and says how long it is, so that it can be held until it has left. */
export function jsonText(c: Context, text: string): Response {
  const length = String(Buffer.byteLength(text));
  return c.body(text, 200, { 'content-type': 'application/json', 'content-length': length });
}

/** In a function, and in a test without a server, an answer has left when it is made. */
function holdUntilSent(budget: ByteBudget, c: Context): void {
  const { outgoing } = (c.env ?? {}) as { outgoing?: ServerResponse };
  const bytes = Number(c.res.headers.get('content-length'));
  if (outgoing === undefined || outgoing.closed || bytes <= SMALL) return;
  outgoing.once('close', budget.hold(bytes));
}
