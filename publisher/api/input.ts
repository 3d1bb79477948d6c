import type { Context } from 'hono';
import { ProblemError } from '../../contracts/problem.ts';

/** The JSON body. Throws `unsupported-media-type` or `malformed-request`. */
export async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type))
    throw new ProblemError('unsupported-media-type', 'Send the header content-type: application/json.');
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProblemError('malformed-request', `The body is not JSON: ${(error as Error).message}`);
  }
}
