import type { SourceClient } from '../source/client.ts';
import type { FeedLook } from '../source/feed.ts';
import type { Clock } from '../system.ts';
import type { FollowLimits } from './limits.ts';
import type { KnownChange } from './progress.ts';

/** Changes of several pages, and the cursor that each page led to. `isBehind`: there is more to read. */
export type Gathered = { kind: 'changes'; changes: KnownChange[]; cursors: string[]; isBehind: boolean };

/** Reads changes up to the end of the feed, or until enough are gathered. */
export type Gather = (after: string) => Promise<Exclude<FeedLook, { kind: 'changes' }> | Gathered>;

type FeedPage = Extract<FeedLook, { kind: 'changes' }>;

type GatherDeps = { source: Pick<SourceClient<unknown>, 'changes'>; clock: Clock; limits: FollowLimits };

/** 20 pages in one step at most. After each step the consumer shows that it is alive, even in a feed without an end. */
const MOST_PAGES = 20;
/** 250 ms after an answer without changes that is not the end: the source has read 20 pages for it. */
const EMPTY_PAUSE = 250;

/** Makes the reading of changes. */
export function createGather({ source, clock, limits }: GatherDeps, signal: AbortSignal): Gather {
  const ask = createAsk({ source, limits }, signal);

  /** Takes one page in. True if there is another one to read. */
  async function take(gathered: Gathered, { changes, next, head }: FeedPage, after: string): Promise<boolean> {
    for (const change of changes) gathered.changes.push(change);
    gathered.cursors.push(next);
    gathered.isBehind = next !== head && next !== after;
    if (!gathered.isBehind) return false;
    if (changes.length > 0) ask.ahead(next);
    else await clock.sleep(EMPTY_PAUSE, signal);
    return gathered.changes.length < limits.gather && gathered.cursors.length < MOST_PAGES;
  }

  return async (after) => {
    const gathered: Gathered = { kind: 'changes', changes: [], cursors: [], isBehind: true };
    for (let [next, wait] = [after, limits.wait]; ; wait = 0) {
      const answer = await ask.page(next, wait);
      // The next step asks again from here, and gets this answer again.
      if (answer.kind !== 'changes') return next === after ? answer : gathered;
      if (!(await take(gathered, answer, next))) return gathered;
      next = answer.next;
    }
  };
}

/** Asks for pages, and for the next page while the one before is worked on. */
function createAsk({ source, limits }: Omit<GatherDeps, 'clock'>, signal: AbortSignal) {
  let coming: { after: string; answer: Promise<FeedLook> } | null = null;
  const limit = limits.changes;

  return {
    page(after: string, wait: number): Promise<FeedLook> {
      const known = coming?.after === after ? coming.answer : null;
      coming = null;
      return known ?? source.changes({ after, limit, ...(wait > 0 && { wait }) }, signal);
    },
    ahead(after: string): void {
      const answer = source.changes({ after, limit }, signal);
      // A fault is told when the turn of this page comes.
      answer.catch(() => undefined);
      coming = { after, answer };
    },
  };
}
