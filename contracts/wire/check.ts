import * as z from 'zod/mini';
import { issuesOf } from './issues.ts';
import { ProblemError } from './problem.ts';

/** Checks a value against a schema. Throws `invalid-request`, which names every value that is wrong, under `name`. */
export function check<Value>(schema: z.core.$ZodType<Value>, value: unknown, name = ''): Value {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw new ProblemError('invalid-request', 'Correct the values named in errors and send it again.', {
    errors: issuesOf(parsed.error, name),
  });
}
