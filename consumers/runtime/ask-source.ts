import type { Want } from '../../contracts/source-api.ts';
import { SourceRefused, SourceUnavailable } from './source-error.ts';
import type { Entries, SourceRequests } from './source-requests.ts';

/** What was found out about one shop: an entry still unchecked, or why there is none. */
export type Reply = { entry: unknown; bytes: number } | { error: SourceRefused | SourceUnavailable };

/** Asks for any number of shops. One reply per want, in order. Throws SourceUnavailable when nothing could be asked. */
export type Ask = (wants: readonly Want[], signal: AbortSignal) => Promise<Reply[]>;

/**
 * Asks in one request where that works. A batch that is refused as a whole for what it is (too large, unreadable) is
 * asked by halves, so that one shop harms no other; a source without a batch route is asked shop by shop.
 */
export function createAsk({ one, many }: Pick<SourceRequests, 'one' | 'many'>): Ask {
  let hasBatch = true;

  async function singly(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    const settled = await Promise.allSettled(wants.map((want) => one(want, signal)));
    const replies = settled.map((result, n) =>
      result.status === 'fulfilled' ? replyOf(result.value, wants[n] as Want) : { error: faultOf(result.reason) },
    );
    const [first] = replies;
    const isAway = (reply: Reply) => 'error' in reply && reply.error instanceof SourceUnavailable;
    if (first && 'error' in first && replies.every(isAway)) throw first.error;
    return replies;
  }

  async function together(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    try {
      const entries = await many(wants, signal);
      return wants.map((want) => replyOf(entries, want));
    } catch (error) {
      if (!(error instanceof SourceRefused)) throw error;
      if (NO_ROUTE.has(error.status)) hasBatch = false;
      else if (!UNREADABLE.has(error.status)) return wants.map(() => ({ error }));
      else return halves(wants, signal);
      return singly(wants, signal);
    }
  }

  async function halves(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    const middle = Math.ceil(wants.length / 2);
    const [left, right] = await Promise.all([ask(wants.slice(0, middle), signal), ask(wants.slice(middle), signal)]);
    return [...left, ...right];
  }

  async function ask(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    if (wants.length === 0) return [];
    return wants.length === 1 || !hasBatch ? singly(wants, signal) : together(wants, signal);
  }

  return ask;
}

/** Nothing answers at `/batch`. */
const NO_ROUTE = new Set([404, 405, 501]);
/** 200: the answer was too large or no list of shops. 400, 413, 422: the question was. A smaller one may pass. */
const UNREADABLE = new Set([200, 400, 413, 422]);

function replyOf({ byId, bytes }: Entries, { id }: Want): Reply {
  return { entry: byId.get(id), bytes: Math.ceil(bytes / byId.size) };
}

function faultOf(error: unknown): SourceRefused | SourceUnavailable {
  if (error instanceof SourceRefused || error instanceof SourceUnavailable) return error;
  throw error;
}
