import { ProblemError } from '../../contracts/wire/problem.ts';

/**
 * 2 MiB: the most bytes that one read of states or events, or one answer for many, may have. That is 13 of the largest
 * resources or 6,000 real ones. A read above it ends after the current row, so that every page has at least one.
 */
export const MOST_BYTES = 2 * 1024 * 1024;

/** Makes the error for a batch whose answer would exceed the limit: the caller may ask for fewer at once. */
export function tooMuchAtOnce(): ProblemError {
  return new ProblemError(
    'too-large',
    `Together the answers have more than ${MOST_BYTES / 2 ** 20} MiB; ask for fewer at once.`,
  );
}
