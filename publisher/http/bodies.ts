import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ProblemError } from '../../contracts/wire/problem.ts';
import { type ByteBudget, within } from './byte-budget.ts';

/** 3 copies: a body is in memory as bytes, as text and as parsed values. */
const COPIES = 3;
/** 16 KiB: a smaller body takes too little memory to wait for. */
const SMALL = 16 * 1024;

/** Refuses a body of more than `most` bytes with `too-large`, even if its length is not declared. */
export function bodyUpTo(most: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: most,
    onError() {
      throw new ProblemError('too-large', `A body may have at most ${most / 1024} KiB; send less.`);
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

/** Returns the declared length, or the maximum where none is declared. */
function bytesSaid(c: Context): number {
  if (c.req.header('transfer-encoding') !== undefined) return Number.POSITIVE_INFINITY;
  return Number(c.req.header('content-length') ?? 0);
}
