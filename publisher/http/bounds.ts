import { ProblemError } from '../../contracts/wire/problem.ts';

/**
 * 2 MiB: the states or events of one read, and one answer of many; 13 of the largest resources, 6,000 of the real ones.
 * Above it a read ends with the row that is under way, so that every page has at least one.
 */
export const MOST_BYTES = 2 * 1024 * 1024;

/** What a batch is refused with whose answer would have more: whoever asked may ask for fewer at once. */
export function tooMuchAtOnce(): ProblemError {
  return new ProblemError(
    'too-large',
    `Together they have more than ${MOST_BYTES / 2 ** 20} MiB; ask for fewer at once.`,
  );
}
