import type { Context } from 'hono';
import { isHeld } from './if-none-match.ts';

/**
 * Answers with an entity tag: 304 without a body to a client that has it already, else the answer of `make`. Headers
 * set before stay on both, as RFC 9110, 15.4.5 requires for ETag, Vary and Cache-Control.
 */
export function taggedResponse(c: Context, tag: string, make: () => Response): Response {
  c.header('etag', tag);
  return isHeld(c.req.header('if-none-match'), tag) ? c.body(null, 304) : make();
}
