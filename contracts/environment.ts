import * as z from 'zod/mini';
import { issuesOf } from './issues.ts';

/** What the environment must say. Throws an Error that names every variable that is missing or malformed. */
export function readEnvironment<Value>(schema: z.core.$ZodType<Value>, environment: Record<string, unknown>): Value {
  const read = z.safeParse(schema, environment);
  if (read.success) return read.data;
  throw new Error(
    issuesOf(read.error)
      .map(({ path, message }) => `${path}: ${environment[path] === undefined ? 'missing; ' : ''}${message}`)
      .join('\n'),
  );
}
