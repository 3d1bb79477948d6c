import type { Context } from 'hono';
import { ProblemError } from '../../contracts/problem.ts';
import { problemResponse } from '../../contracts/problem-response.ts';

/** Answers whatever a handler threw with a problem document, and tells `log` what the caller must not see. */
export function answerProblem(error: Error, c: Context, log: (error: Error) => void): Response {
  const known = isDatabaseAway(error)
    ? new ProblemError('unavailable', 'The database is away or too busy. Try again.')
    : error;
  if (!(known instanceof ProblemError) || known.problem.status >= 500) log(error);
  if (known instanceof ProblemError && known.problem.code === 'unavailable') c.header('retry-after', '1');
  // What is left of a body that was too large is not worth reading.
  if (known instanceof ProblemError && known.problem.code === 'too-large') c.header('connection', 'close');
  if (known instanceof ProblemError && known.problem.code === 'version-conflict' && known.problem.version)
    c.header('etag', `"${known.problem.version}"`);
  return problemResponse(known, c);
}

/**
 * Connection refused, reset or cut (Node); out of disk, memory or connections, shut down or starting up, too long for a
 * lock or an answer (PostgreSQL classes 53, 57P and 08, 55P03, 57014); or no answer at all (pg).
 */
function isDatabaseAway({ code, message }: Error & { code?: unknown }): boolean {
  if (typeof code === 'string')
    return /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|57P0[123]|57014|55P03|53\w{3}|08\w{3})$/.test(code);
  return /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(message);
}
