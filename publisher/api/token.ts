import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ProblemError } from '../../contracts/problem.ts';

/** SHA-256 of a token, hex: all that a publisher keeps of it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Lets requests with one of these tokens pass, compared in constant time; null lets everybody pass. */
export function bearerToken(digests: readonly string[] | null): MiddlewareHandler {
  if (digests === null) return (_, next) => next();
  const known = digests.map((digest) => Buffer.from(digest, 'hex'));
  return async (c, next) => {
    const [, token = ''] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
    const digest = createHash('sha256').update(token).digest();
    const isGood = known.some((each) => each.length === digest.length && timingSafeEqual(each, digest));
    // The digest of nothing is easily made by mistake, and would let in whoever sends no token.
    if (isGood && token !== '') return next();
    c.header('www-authenticate', 'Bearer');
    throw new ProblemError('unauthorized', 'Send a token that is good for this path: Authorization: Bearer …');
  };
}
