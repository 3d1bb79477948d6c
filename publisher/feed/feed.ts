import type { FeedAnswer } from '../../contracts/wire/feed.ts';
import { ProblemError } from '../../contracts/wire/problem.ts';
import { createFence } from '../relay/fence.ts';
import type { Feed, FeedWant } from '../source-api/source.ts';
import type { Clock } from '../system.ts';
import { cursorOf, type FeedPlace, ORIGIN, readCursor } from './cursor.ts';
import type { FeedLog, LogChange, LogPage } from './feed-log.ts';
import { createNewChanges } from './new-changes.ts';

/** Settings of a feed. */
export type FeedOptions = {
  clock: Clock;
  /** Condition on the ids that the feed shows; all by default. */
  shows?: (id: string) => boolean;
  /**
   * The longest wait of a request in milliseconds; 25,000 by default: our servers cut a connection after 30 s of
   * silence.
   */
  mostWait?: number;
};

const MOST_WAIT = 25_000;
/**
 * 20 pages at most are read for one answer. If none of them has a change of the agreement's types, the answer is empty,
 * and the next request goes on after them.
 */
const READS = 20;
/**
 * 5 ms, as in the relay, between two questions whether the transactions are over that may fill a hole. The pause
 * doubles each time, up to 100 ms, because each waiting request asks for itself.
 */
const STILL_WRITING = { first: 5, most: 100 };
/** 250 ms of waiting at a hole, even without `wait`: nearly all transactions are over by then. */
const BLOCKED = 250;
/** 5 s to find the end of the feed, while open transactions may still write before it. */
const START = 5_000;

/**
 * Makes the feed of a change log. Like the relay, it passes a hole in the positions only when no transaction can fill
 * it any more (docs/decisions/0003-gap-fence.md). On a primary it needs no relay. On a standby it ends where the relay
 * has rung.
 */
export function createFeed(log: FeedLog, { clock, shows = () => true, mostWait = MOST_WAIT }: FeedOptions): Feed {
  const settled = createSettled(log);
  const news = createNewChanges(log.last, clock);

  /**
   * Reads the end of the feed: what is committed from now on comes after this place. Throws `unavailable` after 5 s.
   */
  async function end(signal: AbortSignal): Promise<FeedPlace> {
    const until = clock.now() + START;
    const page = await settled.read(0, 0);
    if (page.rungUpTo !== null) return placeAt(log, page.rungUpTo);
    while (settled.upTo() < page.last.position) {
      if (clock.now() >= until || signal.aborted) throw stillWritten();
      if (!(await settled.look(page))) await clock.sleep(STILL_WRITING.first, signal);
    }
    return page.last;
  }

  /** Reads on from a place up to the next wanted change, a hole, or the end. */
  async function scan(start: FeedPlace, { limit, types }: FeedWant): Promise<Scan> {
    let place = start;
    for (let reads = 1; ; reads++) {
      const page = await settled.read(place.position, limit);
      requireSameLog(place, page);
      const ready = settled.ready(page, place.position);
      place = ready.at(-1) ?? place;
      const changes = ready.filter((change) => (change.gone || types.includes(change.type)) && shows(change.id));
      const stopped = ready.length > 0 ? null : page.changes.length > 0 ? 'hole' : 'end';
      if (changes.length > 0 || stopped !== null || reads === READS) return { changes, place, page, stopped };
    }
  }

  /** Reads on until there is a change to answer with, or the time is over. */
  async function follow(after: string, want: FeedWant): Promise<FeedAnswer> {
    const { wait, signal } = want;
    const began = clock.now();
    const until = { end: began + Math.min(wait, mostWait), hole: began + Math.max(BLOCKED, Math.min(wait, mostWait)) };
    let scanned = await scan(known(after), want);
    for (let pause = STILL_WRITING.first; ; pause = Math.min(STILL_WRITING.most, pause * 2)) {
      const { place, page, stopped } = scanned;
      const left = stopped === null ? 0 : until[stopped] - clock.now();
      if (scanned.changes.length > 0 || left <= 0 || signal.aborted) return answer(scanned);
      if (stopped === 'end') await news.after(place.position, left, signal);
      else if (!(await settled.look(page))) await clock.sleep(Math.min(pause, left), signal);
      scanned = await scan(place, want);
    }
  }

  return {
    async read(want) {
      if (want.after !== undefined) return follow(want.after, want);
      const next = cursorOf(await end(want.signal));
      return { changes: [], next, head: next };
    },
  };
}

const shown = ({ id, type, version, gone, occurredAt }: LogChange) => ({ id, type, version, gone, occurredAt });

async function placeAt(log: FeedLog, position: number): Promise<FeedPlace> {
  if (position === 0) return ORIGIN;
  const { eventId, pruned } = await log.read(position, 0);
  if (position === pruned.position) return pruned;
  if (eventId === null) throw noStart();
  return { position, eventId };
}

/**
 * Changes to answer with, the place reached, and the page that was read last. `stopped`: what ended the reading; null
 * if there may be more to read.
 */
type Scan = { changes: LogChange[]; place: FeedPlace; page: LogPage; stopped: 'hole' | 'end' | null };

function answer({ changes, place, page: { last } }: Scan): FeedAnswer {
  const head = last.position > place.position ? last : place;
  return { changes: changes.map(shown), next: cursorOf(place), head: cursorOf(head) };
}

/** Reads the log, and knows up to where no transaction can fill a hole any more. */
function createSettled(log: FeedLog) {
  let fence = createFence(log.writers);
  let looking: Promise<boolean> | null = null;
  const settledBefore = new WeakMap<LogPage, number>();

  return {
    async read(position: number, limit: number): Promise<LogPage> {
      // Taken before the read. A hole may be filled after the read and settled soon after: this page lacks its change.
      const before = fence.settled();
      const page = await log.read(position, limit);
      // A promoted standby may lack the last commits of the old primary, and gives their positions again.
      if (page.last.position < before) fence = createFence(log.writers);
      settledBefore.set(page, Math.min(before, page.last.position));
      return page;
    },
    /** The changes of a page that may be shown: those before the first hole that a transaction may still fill. */
    ready(page: LogPage, position: number): LogChange[] {
      if (page.rungUpTo !== null) return page.changes.filter((change) => change.position <= (page.rungUpTo ?? 0));
      return fence.deliverable(page.changes, position, settledBefore.get(page));
    },
    upTo: () => fence.settled(),
    /** Asks whether all holes of the page are settled. True if the page should be read again now. */
    async look(page: LogPage): Promise<boolean> {
      // On a standby only the relay's progress counts.
      if (page.rungUpTo !== null) return false;
      // One at a time: an older answer about writers must not follow a newer one.
      looking ??= fence.look(page.last.position).finally(() => {
        looking = null;
      });
      return looking;
    },
  };
}

/** Reads a cursor. Throws `feed-replaced` for one that this log never gave. */
function known(cursor: string): FeedPlace {
  const place = readCursor(cursor);
  if (place === null) throw replaced();
  return place;
}

/** Throws `feed-expired` or `feed-replaced` where changes after the place may be missing. */
function requireSameLog({ position, eventId }: FeedPlace, page: LogPage): void {
  const { pruned, last, rungUpTo } = page;
  if (position < pruned.position) throw expired();
  if (position === 0) return;
  if (rungUpTo !== null && position > last.position)
    throw new ProblemError('unavailable', 'This replica has not seen the change of this cursor yet. Ask again soon.');
  if (eventId !== (position === pruned.position ? pruned.eventId : page.eventId)) throw replaced();
}

const expired = () =>
  new ProblemError('feed-expired', 'The changes after this cursor were removed. Read all pages, and then the feed.');

const replaced = () =>
  new ProblemError(
    'feed-replaced',
    'This cursor is of another change log, as after a restore. Read all pages, and then the feed.',
  );

const stillWritten = () =>
  new ProblemError(
    'unavailable',
    'A transaction has been writing the change log for 5 s, so the end of the feed is not known. Ask again soon.',
  );

const noStart = () =>
  new ProblemError(
    'unavailable',
    'The event at the checkpoint of the relay is not in the change log. Ask the primary.',
  );
