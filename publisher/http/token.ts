import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ProblemError } from '../../contracts/wire/problem.ts';
import type { RateLimit } from './rate-limit.ts';

/** Computes the SHA-256 of a token, in hex. The publisher stores nothing else of a token. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Name of a protected path, and its limit of requests; no limit by default. */
export type Door = { name: string; limit?: RateLimit | undefined };

/**
 * Allows requests with one of these tokens, compared in constant time; null allows every request. Each token has its
 * own limit. All requests without a valid token share another one, so that they use up no token's limit.
 */
export function bearerToken(digests: readonly string[] | null, { name, limit }: Door): MiddlewareHandler {
  if (digests === null) return (_, next) => next();
  const known = digests.map((digest) => Buffer.from(digest, 'hex'));
  return async (c, next) => {
    const token = placeOf(c.req.header('authorization'), known);
    if (limit?.(`${name} ${token}`) === false) {
      c.header('retry-after', RETRY_AFTER_SECONDS);
      throw new ProblemError('too-many-requests', 'Wait as long as Retry-After says, then send it again.');
    }
    if (token !== null) return next();
    c.header('www-authenticate', 'Bearer');
    throw new ProblemError('unauthorized', 'Send a token that is valid for this path: Authorization: Bearer …');
  };
}

/** 1 s: by then a bucket holds a full second's worth, whatever the limit is. */
const RETRY_AFTER_SECONDS = '1';

/** Finds the place of a header's token among the known ones; null for none of them. */
function placeOf(authorization = '', known: readonly Buffer[]): number | null {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  // The digest of an empty text is easily configured by mistake, and would allow requests without a token.
  if (token === '') return null;
  const digest = createHash('sha256').update(token).digest();
  const place = known.findIndex((each) => each.length === digest.length && timingSafeEqual(each, digest));
  return place < 0 ? null : place;
}
