import { SourceUnavailable } from '../source/errors.ts';

/** What keeps a source that can't be believed from being asked without an end. */
export type Restraint = {
  /** True if it is time to start over. Each time in a row doubles the time until the next. */
  mayStartOver: (now: number) => boolean;
  /** The feed has come to a cursor. Throws SourceUnavailable where one comes again before the end. */
  reached: (cursor: string, isBehind: boolean) => void;
};

/** Makes the restraint: `first` and `most` are the times between two starts, in milliseconds. */
export function createRestraint(first: number, most: number): Restraint {
  let pause = first;
  let startOverAt = Number.NEGATIVE_INFINITY;
  /** A cursor that was met, kept for twice as many steps each time: a circle of any length comes back to one. */
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
