import type { Context, Handler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type Problem, ProblemError, type ProblemTable, problem } from './problem.ts';

/** Answers with a problem document. For an error that is no ProblemError the caller gets a 500 without details. */
export function problemResponse(error: Error, c: Context): Response {
  const document = problemOf(error);
  return c.json(document, document.status as ContentfulStatusCode, { 'content-type': 'application/problem+json' });
}

/** Makes the handler of `GET /problems/{code}`, the address in a problem document's `type`. */
export function explainProblem(table: ProblemTable): Handler {
  return (c) => {
    const code = c.req.param('code') ?? '';
    if (!Object.hasOwn(table, code)) throw new ProblemError('not-found', 'No problem has this code.');
    return c.json({ code, ...table[code] });
  };
}

function problemOf(error: Error): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof HTTPException && error.status < 500) return problem('malformed-request', error.message);
  return problem('internal-error', 'Try again. If it fails again, tell the operators of this service.');
}
