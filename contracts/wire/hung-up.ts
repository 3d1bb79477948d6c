import type { Context } from 'hono';
import { ProblemError } from './problem.ts';

/** The request as the adaptor of Node hands it on (@hono/node-server, HttpBindings). */
type Bindings = { incoming?: { errored?: Error | null } };

/**
 * Whether an error is only the client's: it hung up, or was hung up on for being slow, while its request was read. Told by
 * identity, because the code is ECONNRESET, as when a database is away.
 */
export function hasHungUp(error: Error, c: Context): boolean {
  return (c.env as Bindings | undefined)?.incoming?.errored === error;
}

/** What such a request is answered by, though no client hears it: a refusal, and so no error of the service. */
export const unheard = () => new ProblemError('malformed-request', 'The client hung up before its request had ended.');
