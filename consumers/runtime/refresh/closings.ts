/** A resource that the source has shown, and whether it is gone. */
export type Shown = { id: string; gone: boolean };

/** Views that would be closed, among the views that were looked at since the first of them. */
export type TooMany = { closings: number; looks: number; closed: string[] };

/** Counts views that were looked at a short time ago, and those of them that were closed. Each view counts once. */
export type Closings = {
  /** Adds what a look has shown. `closing`: views that are there now, and would be closed. */
  add: (shown: readonly Shown[], closing: ReadonlySet<string>, now: number) => void;
  /** The views, if there are too many closings among the latest looks; null otherwise. */
  tooMany: (now: number) => TooMany | null;
};

/** Limits of counting: a share from 0 to 1, a number of closings, and milliseconds. */
export type ClosingLimits = { share: number; least: number; window: number };

/** 10,000 views take 1 MB. A source that closes everything is noticed within far fewer. */
const MOST_VIEWS = 10_000;

/**
 * Makes the counting. Closings are too many if they are `least` or more, and more than a share of all views that were
 * looked at since the first of them. What was looked at before does not count: an hour of good looks would otherwise hide
 * a source that is broken for a minute.
 */
export function createClosings({ share, least, window }: ClosingLimits): Closings {
  /** The latest looks, the oldest first. */
  const views = new Map<string, { at: number; isClosed: boolean }>();
  const most = Math.max(MOST_VIEWS, Math.ceil((2 * least) / Math.max(share, 0.01)));

  function forgetOld(now: number): void {
    for (const [id, { at }] of views) {
      if (at > now - window && views.size <= most) break;
      views.delete(id);
    }
  }

  return {
    add(shown, closing, now) {
      for (const { id, gone } of shown) {
        // Looked at once more, a view that was closed a moment ago is still one of the closed.
        const isClosed = closing.has(id) || (gone && views.get(id)?.isClosed === true);
        views.delete(id);
        views.set(id, { at: now, isClosed });
      }
      forgetOld(now);
    },
    tooMany(now) {
      forgetOld(now);
      const closed: string[] = [];
      let [looks, found]: [number, Omit<TooMany, 'closed'> | null] = [0, null];
      for (const [id, { isClosed }] of [...views].toReversed()) {
        looks++;
        if (!isClosed) continue;
        closed.push(id);
        if (closed.length >= least && closed.length > share * looks) found = { closings: closed.length, looks };
      }
      return found && { ...found, closed: closed.slice(0, found.closings) };
    },
  };
}
