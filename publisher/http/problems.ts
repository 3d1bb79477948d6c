import type { Context, MiddlewareHandler } from 'hono';
import { hasHungUp, unheard } from '../../contracts/wire/hung-up.ts';
import { ProblemError } from '../../contracts/wire/problem.ts';
import { problemResponse } from '../../contracts/wire/problem-response.ts';
import { isDatabaseAway } from '../postgres/faults.ts';

/** Refuses requests until the database is there: 503, with `Retry-After`. */
export function notBefore(isReady: () => boolean = () => true): MiddlewareHandler {
  return async (_, next) => {
    if (!isReady()) throw new ProblemError('unavailable', 'The publisher is waiting for its database. Try again.');
    await next();
  };
}

/** Answers an error of a handler with a problem document, and passes `log` the details that the caller must not see. */
export function answerProblem(error: Error, c: Context, log: (error: Error) => void): Response {
  const known = knownOf(error, c);
  if (!(known instanceof ProblemError) || known.problem.status >= 500) log(error);
  if (known instanceof ProblemError && known.problem.code === 'unavailable') c.header('retry-after', '1');
  // The rest of a body that was too large is not read.
  if (known instanceof ProblemError && known.problem.code === 'too-large') c.header('connection', 'close');
  if (known instanceof ProblemError && known.problem.code === 'version-conflict' && known.problem.version)
    c.header('etag', `"${known.problem.version}"`);
  return problemResponse(known, c);
}

function knownOf(error: Error, c: Context): Error {
  if (hasHungUp(error, c)) return unheard();
  if (isDatabaseAway(error)) return new ProblemError('unavailable', 'The database is away or too busy. Try again.');
  return error;
}
