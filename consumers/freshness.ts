import { ageOf } from '../contracts/wire/age.ts';
import type { ConsumerEvent, Observe } from './runtime/queue/events.ts';
import type { Clock } from './runtime/system.ts';

/** Seconds within which a change should be visible. */
export const GOALS = [1, 10, 60] as const;
export type Goal = (typeof GOALS)[number];

/** Windows over which changes are counted, in minutes. */
export const WINDOWS = { '5m': 5, '1h': 60, '1d': 1_440 } as const;
export type Window = keyof typeof WINDOWS;

/** Changes of a window, and the share of them that were visible within each goal; 1 where there was none. */
export type Visible = { changes: number; within: Record<Goal, number> };

/** How fresh the views of a consumer are, as far as this process knows. */
export type FreshnessReport = {
  /**
   * Changes of the feed that are not in the views, and the age of the oldest. Null before the first answer, and when the
   * last one is older than five minutes.
   */
  behind: { changes: number; seconds: number; more: boolean } | null;
  /** Seconds since the feed was read to its end; null if it was not yet. */
  checkedSecondsAgo: number | null;
  /** Null for a window in which the feed was never read to its end: missed changes are not known then. */
  visible: Record<Window, Visible | null>;
};

/** Measures how fresh views are. */
export type Freshness = { observe: Observe; report: () => FreshnessReport };

type Minute = { at: number; changes: number; within: Record<Goal, number>; checks: number };

const MINUTE = 60_000;

/**
 * Makes the measure. It counts rings and changes of the feed by the time from the commit to the view, in slots of one
 * minute. A change that is not visible yet counts against every window.
 */
export function createFreshness({ now }: Pick<Clock, 'now'>): Freshness {
  const minutes: Minute[] = [];
  let last: (ConsumerEvent & { kind: 'followed' }) | null = null;
  let [heardAt, checkedAt]: [number, number | null] = [0, null];

  function thisMinute(): Minute {
    const at = Math.floor(now() / MINUTE);
    const newest = minutes.at(-1);
    if (newest !== undefined && newest.at >= at) return newest;
    const minute = { at, changes: 0, within: { 1: 0, 10: 0, 60: 0 }, checks: 0 };
    minutes.push(minute);
    while ((minutes[0]?.at ?? at) <= at - WINDOWS['1d']) minutes.shift();
    return minute;
  }

  function settled({ ring, at }: ConsumerEvent & { kind: 'settled' }): void {
    // A ring of a replay is of an old event.
    if (ring.occurredAt === undefined || ring.lane !== undefined) return;
    const age = ageOf(ring.occurredAt, at);
    if (typeof age !== 'number') return;
    const minute = thisMinute();
    minute.changes++;
    for (const goal of GOALS) if (age <= goal * 1_000) minute.within[goal]++;
  }

  function followed(event: ConsumerEvent & { kind: 'followed' }): void {
    [last, heardAt] = [event, now()];
    if (event.isBehind) return;
    checkedAt = now();
    thisMinute().checks++;
  }

  function visibleIn(length: number): Visible | null {
    const first = Math.floor(now() / MINUTE) - length;
    const counted = minutes.filter(({ at }) => at > first);
    if (!counted.some(({ checks }) => checks > 0)) return null;
    const sum = (of: (minute: Minute) => number) => counted.reduce((total, minute) => total + of(minute), 0);
    const changes = sum((minute) => minute.changes) + (last?.late ?? 0);
    const share = (goal: Goal) => (changes === 0 ? 1 : sum((minute) => minute.within[goal]) / changes);
    return { changes, within: { 1: share(1), 10: share(10), 60: share(60) } };
  }

  function behind(): FreshnessReport['behind'] {
    if (last === null || now() - heardAt > WINDOWS['5m'] * MINUTE) return null;
    return { changes: last.late, seconds: secondsSince(last.since, now()), more: last.isBehind };
  }

  return {
    observe(event) {
      if (event.kind === 'settled') settled(event);
      if (event.kind === 'followed') followed(event);
    },
    report: () => ({
      behind: behind(),
      checkedSecondsAgo: checkedAt === null ? null : secondsSince(checkedAt, now()),
      visible: { '5m': visibleIn(WINDOWS['5m']), '1h': visibleIn(WINDOWS['1h']), '1d': visibleIn(WINDOWS['1d']) },
    }),
  };
}

/** 0 where nothing is behind, and where a clock is wrong. */
const secondsSince = (since: number | null, now: number): number =>
  since === null ? 0 : Math.max(0, now - since) / 1_000;
