import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ProblemError } from '../../contracts/wire/problem.ts';
import type { RateLimit } from './rate-limit.ts';

/** SHA-256 of a token, hex: all that a publisher keeps of it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** What a door is called, and how many requests may pass it; nothing bounds them where no limit is said. */
export type Door = { name: string; limit?: RateLimit | undefined };

/**
 * Lets requests with one of these tokens pass, compared in constant time; null lets everybody pass. Each token has a
 * limit of its own, and all requests without a good one share another, so that they take nothing from those.
 */
export function bearerToken(digests: readonly string[] | null, { name, limit }: Door): MiddlewareHandler {
  if (digests === null) return (_, next) => next();
  const known = digests.map((digest) => Buffer.from(digest, 'hex'));
  return async (c, next) => {
    const token = placeOf(c.req.header('authorization'), known);
    if (limit?.(`${name} ${token}`) === false) {
      c.header('retry-after', RETRY_AFTER_SECONDS);
      throw new ProblemError('too-many-requests', 'Wait for as long as Retry-After says, then send it again.');
    }
    if (token !== null) return next();
    c.header('www-authenticate', 'Bearer');
    throw new ProblemError('unauthorized', 'Send a token that is good for this path: Authorization: Bearer …');
  };
}

/** 1 s: by then a bucket holds what may pass in a second, whatever the limit is. */
const RETRY_AFTER_SECONDS = '1';

/** Which of the known tokens a header states; null for none of them. */
function placeOf(authorization = '', known: readonly Buffer[]): number | null {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  // The digest of nothing is easily made by mistake, and would let in whoever sends no token.
  if (token === '') return null;
  const digest = createHash('sha256').update(token).digest();
  const place = known.findIndex((each) => each.length === digest.length && timingSafeEqual(each, digest));
  return place < 0 ? null : place;
}
