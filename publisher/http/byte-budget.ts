import type { ServerResponse } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import { ProblemError } from '../../contracts/wire/problem.ts';
import { MOST_BYTES } from './bounds.ts';

/** Memory in bytes that may be used at once for requests and answers whose size depends on users' data. */
export type ByteBudget = {
  /**
   * Takes bytes as soon as they are free, first come first served. A request for more than the total takes the total.
   * Resolves to a function that frees them, or to null when the signal aborts first. Rejects with `unavailable` when
   * 1,000 wait.
   */
  take(bytes: number, signal: AbortSignal): Promise<Release | null>;
  /**
   * Counts bytes that are in memory already, even if too few are free. No further bytes are taken until enough are free
   * again.
   */
  hold(bytes: number): Release;
};

/** Frees bytes that were taken; later calls do nothing. */
type Release = () => void;

/** 1,000: a caller after those would wait for longer than a client does. */
const MOST_WAITING = 1_000;

/** Makes a budget of `total` bytes. */
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
        throw new ProblemError('unavailable', 'Too many large requests at once. Try again.');
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

/** 64 KiB that every connection may have in memory; an answer without a declared length has no more. */
const SMALL = 64 * 1024;

/**
 * Handles a request only while enough bytes are free; 0 needs none. They are freed when the answer is made. The
 * answer's own bytes are held until it has been sent, however slowly the client reads.
 */
export function within(budget: ByteBudget, bytesOf: (c: Context) => number): MiddlewareHandler {
  return async (c, next) => {
    const bytes = bytesOf(c);
    if (bytes === 0) return next();
    const release = await budget.take(bytes, c.req.raw.signal);
    // The client has gone: no answer is needed.
    if (release === null) return c.body(null);
    try {
      await next();
      holdUntilSent(budget, c);
    } finally {
      release();
    }
  };
}

/** 6 MiB: rows read, answer objects and JSON text of an answer of 2 MiB (publisher/http/bounds.ts). */
const ANSWER = 3 * MOST_BYTES;

/** Makes a large answer only while there is memory for it. */
export const roomForAnswer = (budget: ByteBudget): MiddlewareHandler => within(budget, () => ANSWER);

/** 24 MiB: a snapshot and the 99 events after it, each of which may register the largest resource. */
const PAST = 4 * ANSWER;

/** Restores a past state of a resource only while there is memory for its events; the current state needs none. */
export const roomForPast = (budget: ByteBudget): MiddlewareHandler =>
  within(budget, (c) => (c.req.query('version') === undefined && c.req.query('at') === undefined ? 0 : PAST));

/** Answers with JSON and declares its length, so that the bytes can be held until it has been sent. */
export function jsonText(c: Context, text: string): Response {
  const length = String(Buffer.byteLength(text));
  return c.body(text, 200, { 'content-type': 'application/json', 'content-length': length });
}

/**
 * Holds bytes until the answer has been sent. In a function, and in a test without a server, that is as soon as it is
 * made.
 */
function holdUntilSent(budget: ByteBudget, c: Context): void {
  const { outgoing } = (c.env ?? {}) as { outgoing?: ServerResponse };
  const bytes = Number(c.res.headers.get('content-length'));
  if (outgoing === undefined || outgoing.closed || bytes <= SMALL) return;
  outgoing.once('close', budget.hold(bytes));
}
