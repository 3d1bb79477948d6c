import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ProblemError } from '../../contracts/wire/problem.ts';
import { type ByteBudget, within } from './byte-budget.ts';

/** 3: a body in memory is its bytes, its text and what the text says. */
const COPIES = 3;
/** 16 KiB: a smaller body needs no room that is worth waiting for. */
const SMALL = 16 * 1024;

/** Refuses a body of more bytes with `too-large`, also one that doesn't say how long it is. */
export function bodyUpTo(most: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: most,
    onError() {
      throw new ProblemError('too-large', `A body has at most ${most / 1024} KiB; send less.`);
    },
  });
}

/** Reads a large body only while there is room for it. */
export function roomForBody(budget: ByteBudget, most: number): MiddlewareHandler {
  return within(budget, (c) => {
    const bytes = Math.min(most, bytesSaid(c));
    return bytes <= SMALL ? 0 : COPIES * bytes;
  });
}

/** What doesn't say how long it is may be as long as it can. */
function bytesSaid(c: Context): number {
  if (c.req.header('transfer-encoding') !== undefined) return Number.POSITIVE_INFINITY;
  return Number(c.req.header('content-length') ?? 0);
}
