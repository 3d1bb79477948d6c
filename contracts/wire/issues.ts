import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import type { FieldError } from './problem.ts';

// zod/mini has no messages of its own: without this every message is "Invalid input".
z.config(en());

/** Lists every value that is wrong: its path (under `name`, if given) and what was expected. */
export function issuesOf({ issues }: z.core.$ZodError, name = ''): FieldError[] {
  return issues.map(({ path, message }) => ({ path: [...(name ? [name] : []), ...path].join('.'), message }));
}

/** Describes the first wrong value in one line: `menu.0.price: Invalid input: expected int`. */
export function firstIssue(error: z.core.$ZodError): string {
  const [issue] = issuesOf(error);
  return issue?.path ? `${issue.path}: ${issue.message}` : `${issue?.message}`;
}
