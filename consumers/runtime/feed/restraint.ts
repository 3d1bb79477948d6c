import { SourceUnavailable } from '../source/errors.ts';

/** Limit for a source with a broken feed, so that it is not asked without end. */
export type Restraint = {
  /** True if it is time to start over. Each start in a row doubles the time until the next one. */
  mayStartOver: (now: number) => boolean;
  /** Takes note of a cursor. Throws SourceUnavailable if the same cursor comes twice before the end of the feed. */
  reached: (cursor: string, isBehind: boolean) => void;
};

/** Makes the restraint: `first` and `most` are the times between two starts, in milliseconds. */
export function createRestraint(first: number, most: number): Restraint {
  let pause = first;
  let startOverAt = Number.NEGATIVE_INFINITY;
  /** One earlier cursor, replaced after 1, 2, 4, 8 and more steps. So a circle of any length is found (R. P. Brent). */
  let met: { cursor: string; steps: number; most: number } | null = null;

  return {
    mayStartOver(now) {
      if (now < startOverAt) return false;
      startOverAt = now + pause;
      pause = Math.min(most, pause * 2);
      return true;
    },
    reached(cursor, isBehind) {
      [pause, startOverAt] = [first, Number.NEGATIVE_INFINITY];
      if (met === null || !isBehind) met = isBehind ? { cursor, steps: 0, most: 1 } : null;
      else if (met.cursor === cursor) {
        met = null;
        throw new SourceUnavailable('the feed goes round in a circle: the same cursor came twice before its end');
      } else if (++met.steps === met.most) met = { cursor, steps: 0, most: met.most * 2 };
    },
  };
}
