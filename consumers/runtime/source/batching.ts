import type { Want } from '../../../contracts/wire/source-api.ts';
import type { Clock } from '../system.ts';
import { isNoRoute, SourceRefused, SourceUnavailable } from './errors.ts';
import type { Entries, SourceRequests } from './requests.ts';

/** Result for one resource: an entry that is still unchecked, or the error in its place. */
export type Reply = { entry: unknown; bytes: number } | { error: SourceRefused | SourceUnavailable };

/**
 * Asks for any number of resources. One reply per want, in order. Throws SourceUnavailable when no request could be
 * made.
 */
export type Ask = (wants: readonly Want[], signal: AbortSignal) => Promise<Reply[]>;

/** Dependencies of asking. */
export type AskDeps = Pick<SourceRequests, 'one' | 'many'> & { clock: Pick<Clock, 'now'> };

/**
 * Makes a function that asks in one request where possible. A batch that is refused for its content (too large,
 * unreadable) is split into halves. Resources that a batch leaves out are asked for alone, so that one resource harms
 * no other. A source without a batch route is asked resource by resource; batches are tried again after 60 s.
 */
export function createAsk({ one, many, clock }: AskDeps): Ask {
  let batchFrom = 0;
  let misses = 0;
  // A clock that was ahead and is put right must not keep batches away for as long.
  const isWithoutBatch = () => clock.now() < batchFrom && batchFrom - clock.now() <= WITHOUT_BATCH;

  async function oneByOne(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    const settled = await Promise.allSettled(wants.map((want) => one(want, signal)));
    return settled.map((result, n) =>
      result.status === 'fulfilled' ? replyOf(result.value, wants[n] as Want) : { error: faultOf(result.reason) },
    );
  }

  /** Asks for resources one by one. If none was answered, the source is away. */
  async function singly(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    const replies = await oneByOne(wants, signal);
    const [first] = replies;
    const isAway = (reply: Reply) => 'error' in reply && reply.error instanceof SourceUnavailable;
    if (first && 'error' in first && replies.every(isAway)) throw first.error;
    return replies;
  }

  async function together(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    const entries = await many(wants, signal).catch((error: unknown) => error);
    if (entries instanceof SourceRefused) return halves(wants, signal);
    if (isNoRoute(entries)) return withoutBatch(wants, signal);
    if (entries instanceof Error) throw entries;
    misses = 0;
    return withLeftOut(wants, entries as Entries, signal);
  }

  /** Asks alone for resources that the batch's answer left out. */
  async function withLeftOut(wants: readonly Want[], entries: Entries, signal: AbortSignal): Promise<Reply[]> {
    const left = wants.filter(({ id }) => !entries.byId.has(id));
    if (left.length === 0) return wants.map((want) => replyOf(entries, want));
    const alone = await (left.length === wants.length ? singly(left, signal) : oneByOne(left, signal));
    const later = new Map(left.map(({ id }, n) => [id, alone[n] as Reply]));
    return wants.map((want) => later.get(want.id) ?? replyOf(entries, want));
  }

  /**
   * Handles a missing `/batch` route. Either a proxy answered, or the source has no such route. A request for one
   * resource tells which: if it fails as well, the source is away.
   */
  async function withoutBatch([first, ...others]: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    const reply = await singly([first as Want], signal);
    if (++misses >= MISSES) batchFrom = clock.now() + WITHOUT_BATCH;
    return others.length === 0 ? reply : [...reply, ...(await singly(others, signal))];
  }

  async function halves(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    const middle = Math.ceil(wants.length / 2);
    const [left, right] = await Promise.all([ask(wants.slice(0, middle), signal), ask(wants.slice(middle), signal)]);
    return [...left, ...right];
  }

  async function ask(wants: readonly Want[], signal: AbortSignal): Promise<Reply[]> {
    if (wants.length === 0) return [];
    return wants.length === 1 || isWithoutBatch() ? singly(wants, signal) : together(wants, signal);
  }

  return ask;
}

/** 3 batches in a row without a route, while single resources were answered: then it is no single fault of a proxy. */
const MISSES = 3;
/** 60 s without batches: a source that is deployed again may have the route by then. */
const WITHOUT_BATCH = 60_000;

function replyOf({ byId, bytes }: Entries, { id }: Want): Reply {
  return { entry: byId.get(id), bytes: Math.ceil(bytes / byId.size) };
}

function faultOf(error: unknown): SourceRefused | SourceUnavailable {
  if (error instanceof SourceRefused || error instanceof SourceUnavailable) return error;
  throw error;
}
