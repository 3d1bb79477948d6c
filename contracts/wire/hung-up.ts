import type { Context } from 'hono';
import { ProblemError } from './problem.ts';

/** The request as the adaptor of Node passes it (@hono/node-server, HttpBindings). */
type Bindings = { incoming?: { errored?: Error | null } };

/**
 * True if an error is only the client's: it closed the connection, or was cut off for being slow, while its request was
 * read. The error is compared by identity, because its code is ECONNRESET, as when a database is away.
 */
export function hasHungUp(error: Error, c: Context): boolean {
  return (c.env as Bindings | undefined)?.incoming?.errored === error;
}

/**
 * Makes the answer to such a request, although no client reads it: a refusal, so that it does not count as a server
 * error.
 */
export const unheard = () =>
  new ProblemError('malformed-request', 'The client closed the connection before its request was complete.');
