import type { Context } from 'hono';
import { ProblemError } from '../../contracts/problem.ts';
import { problemResponse } from '../../contracts/problem-response.ts';

/** Answers whatever a handler threw with a problem document, and tells `log` what the caller must not see. */
export function answerProblem(error: Error, c: Context, log: (error: Error) => void): Response {
  const known = isDatabaseAway(error) ? new ProblemError('unavailable', 'The database is away. Try again.') : error;
  if (!(known instanceof ProblemError) || known.problem.status >= 500) log(error);
  if (known instanceof ProblemError && known.problem.code === 'unavailable') c.header('retry-after', '1');
  if (known instanceof ProblemError && known.problem.code === 'version-conflict' && known.problem.version)
    c.header('etag', `"${known.problem.version}"`);
  return problemResponse(known, c);
}

/** Connection refused, reset or cut (Node), shut down or starting up (PostgreSQL class 57P), too many, or none in time. */
function isDatabaseAway({ code, message }: Error & { code?: unknown }): boolean {
  if (typeof code === 'string') return /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|57P0[123]|53300|08\w{3})$/.test(code);
  return /^(Connection terminated|timeout exceeded when trying to connect)/.test(message);
}
