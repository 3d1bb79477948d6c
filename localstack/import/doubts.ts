import { count } from '../terminal.ts';
import type { ImportPlan } from './plan.ts';

/**
 * The share of shops that may close without a question. In three years of real data 56 % closed, and more were added.
 */
const CLOSED_UNASKED = 3 / 4;

/**
 * Lists reasons to doubt a plan, one sentence each. A file that is cut off between two rows looks complete, and its
 * missing shops would be closed. A file that was saved badly may have an empty column. `share` is the loss without a
 * question, 0 to 1.
 */
export function doubtsAbout({ shops, living, losses }: ImportPlan, share: number): string[] {
  const emptied = losses
    .filter(({ shops, known }) => shops > known * share)
    .map(
      ({ field, shops, known }) =>
        `This would empty the ${field} of ${count(shops)} of the ${count(known)} shops that have one now and are in the file.`,
    );
  const closing = shops.filter(({ kind }) => kind === 'close').length;
  const registering = shops.filter(({ kind }) => kind === 'register').length;
  const isMany = closing > living * CLOSED_UNASKED || closing - registering > living * share;
  return isMany
    ? [...emptied, `This would close ${count(closing)} of ${count(living)} living shops${instead(registering)}.`]
    : emptied;
}

const instead = (registering: number) => (registering === 0 ? '' : ` and register ${count(registering)} others`);
