import type { Context } from 'hono';
import { ProblemError } from '../../contracts/problem.ts';

/** Bytes that are no UTF-8 are refused, not replaced: a name in CP949 would be stored as question marks. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON body. Throws `unsupported-media-type` or `malformed-request`. */
export async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type))
    throw new ProblemError('unsupported-media-type', 'Send the header content-type: application/json.');
  try {
    return JSON.parse(UTF8.decode(await c.req.arrayBuffer()));
  } catch (error) {
    throw new ProblemError('malformed-request', `The body is not JSON in UTF-8: ${(error as Error).message}`);
  }
}
