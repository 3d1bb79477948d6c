import * as z from 'zod/mini';
import { issuesOf } from './issues.ts';

/** A variable of this form; `what` says to people what it should be, whether it is missing or malformed. */
export function variable(form: RegExp, what: string) {
  return z.string({ error: what }).check(z.regex(form, what));
}

/** The URL of a PostgreSQL database. */
export const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'a URL such as postgres://user:password@host:5432/shops',
});

/** What the environment must say. Throws an Error that names every variable that is missing or malformed. */
export function readEnvironment<Value>(schema: z.core.$ZodType<Value>, environment: Record<string, unknown>): Value {
  // `PORT=` says nothing, as if it weren't there.
  const stated = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const read = z.safeParse(schema, stated);
  if (read.success) return read.data;
  throw new Error(
    issuesOf(read.error)
      .map(({ path, message }) => `${path}: ${stated[path] === undefined ? 'missing; ' : ''}${message}`)
      .join('\n'),
  );
}
