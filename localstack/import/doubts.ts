import { count } from '../terminal.ts';
import type { ImportPlan } from './plan.ts';

/** Three years of real shops closed 56 % of them, and registered more. */
const CLOSED_UNASKED = 3 / 4;

/**
 * Says what speaks against a plan, a sentence each: a file that is cut off between two rows looks whole, and what it
 * lacks would be closed; a file that was saved badly empties a column. `share` is how much may be lost unasked, 0 to 1.
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
