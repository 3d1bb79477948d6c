import { FEED_LIMIT, FeedAnswer, type FeedChange, type FeedRequest } from '../../../contracts/wire/feed.ts';
import { broken, parse } from './answers.ts';
import type { SourceWord } from './word.ts';

/**
 * Answer to a question for changes.
 * - `changes`: changes in the order of the feed, the cursor after them, and the cursor of the newest change.
 * - `start-over`: the cursor can't be used any more. `expired`: changes after it were removed. `replaced`: it is of
 *   another log, as after a restore of the source. Read all pages, and then the feed.
 * - `no-feed`: the source has no feed. It is of an older release, or not of Doorbell.
 */
export type FeedLook =
  | ({ kind: 'changes' } & FeedAnswer)
  | { kind: 'start-over'; why: 'expired' | 'replaced' }
  | { kind: 'no-feed' };

const STARTS_OVER: Record<string, 'expired' | 'replaced'> = { 'feed-expired': 'expired', 'feed-replaced': 'replaced' };

/**
 * Reads the answer to `POST {path}/changes`. Throws SourceUnavailable or SourceRefused, also for changes that can't be
 * believed: more than asked for, a version of a resource that goes back, or a cursor that does not go on.
 */
export function readChanges(request: FeedRequest, word: SourceWord): FeedLook {
  if (word.kind === 'problem') {
    const { code } = word.problem;
    const why = STARTS_OVER[code];
    if (why !== undefined) return { kind: 'start-over', why };
    if (code === 'not-found') return { kind: 'no-feed' };
  }
  const answer = parse('changes', FeedAnswer, word);
  const fault = faultOf(request, answer);
  if (fault !== null) throw broken(`the feed ${fault}`);
  return { kind: 'changes', ...answer };
}

function faultOf({ after, limit = FEED_LIMIT }: FeedRequest, { changes, next }: FeedAnswer): string | null {
  if (after === undefined && changes.length > 0) return 'has changes, although only its end was asked for';
  if (changes.length > limit) return `has ${changes.length} changes, where at most ${limit} were asked for`;
  if (changes.length > 0 && next === after) return 'does not go on: its next cursor is the cursor of the request';
  return backwards(changes);
}

/** Names a resource whose versions go back. The same version may come twice, which is harmless. */
function backwards(changes: readonly FeedChange[]): string | null {
  const newest = new Map<string, number>();
  for (const { id, version } of changes) {
    const before = newest.get(id) ?? 0;
    if (version < before) return `goes back: version ${version} of ${id} comes after version ${before}`;
    newest.set(id, version);
  }
  return null;
}
