import type { Context } from 'hono';
import { parseJsonBytes } from '../../contracts/wire/json-bytes.ts';
import { ProblemError } from '../../contracts/wire/problem.ts';

/** Reads the JSON body. Throws `unsupported-media-type` or `malformed-request`, and errors of reading the request. */
export async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type))
    throw new ProblemError('unsupported-media-type', 'Send the header content-type: application/json.');
  const parsed = parsedBefore(c.env);
  if (parsed !== undefined) return parsed;
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  const read = parseJsonBytes(bytes);
  if ('fault' in read) throw new ProblemError('malformed-request', `The body is not JSON in UTF-8: ${read.fault}`);
  return read.value;
}

/**
 * Returns the body that a framework in front has parsed already, as `express.json()` and Nest do: its stream is used up
 * then. It is found where the routes are called with Node's own request, as @hono/node-server does.
 */
function parsedBefore(env: unknown): unknown {
  const { incoming } = (env ?? {}) as { incoming?: { body?: unknown } };
  const body = incoming?.body;
  if (Buffer.isBuffer(body) || typeof body === 'string') {
    const read = parseJsonBytes(new Uint8Array(Buffer.from(body)));
    if ('fault' in read) throw new ProblemError('malformed-request', `The body is not JSON in UTF-8: ${read.fault}`);
    return read.value;
  }
  return typeof body === 'object' && body !== null ? body : undefined;
}
