import type { Agreement } from '../../contracts/wire/agreement.ts';
import { bucketsByPages } from '../../contracts/wire/digests.ts';
import { FEED_LIMIT, type FeedChange, type FeedRequest } from '../../contracts/wire/feed.ts';
import { BATCH_LIMIT, type Want } from '../../contracts/wire/source-api.ts';
import { readResource } from '../runtime/source/answers.ts';
import type { Look, SourceClient } from '../runtime/source/client.ts';
import { SourceRefused, SourceUnavailable } from '../runtime/source/errors.ts';
import type { FeedLook } from '../runtime/source/feed.ts';
import type { VirtualClock } from './clock.ts';

/** A source in memory: the client that a consumer takes, and what a test sets and sees. */
export type MemorySource<Resource> = SourceClient<Resource> & {
  /** Sets the state of a resource at a version. What does not fit the agreement is refused when it is looked at. */
  set: (id: string, version: number, resource: Resource) => void;
  /** Lets a resource be gone since a version. */
  gone: (id: string, version: number) => void;
  /** True while the source does not answer: an outage. */
  isAway: boolean;
  /** Milliseconds from a question until its answer is drawn up; 5 at first. */
  delay: number;
  /** The ids of each look so far. */
  looks: string[][];
  /** Lets the source refuse to answer about a resource, until `forgive`. */
  refuse: (id: string, error: SourceRefused) => void;
  forgive: (id: string) => void;
  /** Lets the source fail with 500 for a resource, until `mend`. */
  fail: (id: string) => void;
  mend: (id: string) => void;
};

type Known<Resource> = { id: string; version: number; resource: Resource | null };

/** Makes the source of an agreement in memory, without HTTP. Its resources may change at any moment. */
export function memorySource<Resource>(agreement: Agreement<Resource>, clock: VirtualClock): MemorySource<Resource> {
  const resources = new Map<string, Known<Resource>>();
  const refused = new Map<string, SourceRefused>();
  const failing = new Set<string>();
  const answer = (want: Want) => answerOf(agreement, want, resources.get(want.id), { refused, failing });
  let changed = new AbortController();
  /** Every change so far. */
  const log: FeedChange[] = [];
  const change = (known: Known<Resource>, type = agreement.wakesOn[0] ?? 'changed') => {
    resources.set(known.id, known);
    const gone = known.resource === null;
    log.push({ id: known.id, type, version: known.version, gone, occurredAt: clock.now() });
    changed.abort();
    changed = new AbortController();
  };
  const inOrder = () => [...resources.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));

  async function answering(signal: AbortSignal): Promise<void> {
    await clock.sleep(source.delay, signal);
    if (signal.aborted) throw signal.reason;
    if (source.isAway) throw new SourceUnavailable('connection refused');
  }

  const source: MemorySource<Resource> = {
    looks: [],
    delay: 5,
    isAway: false,
    set: (id, version, resource) => change({ id, version, resource }),
    gone: (id, version) => change({ id, version, resource: null }),
    refuse: (id, error) => void refused.set(id, error),
    forgive: (id) => void refused.delete(id),
    fail: (id) => void failing.add(id),
    mend: (id) => void failing.delete(id),
    async look(wants, signal) {
      source.looks.push(wants.map(({ id }) => id));
      await answering(signal);
      if (wants.length === 1 && failing.has(wants[0]?.id ?? ''))
        throw new SourceUnavailable('the source answers 500', { status: 500 });
      return wants.map(answer);
    },
    async page(after, signal) {
      await answering(signal);
      const page = inOrder().filter(({ id }) => id > after);
      const some = page.slice(0, BATCH_LIMIT).map(({ id }) => ({ id, look: answer({ id }) }));
      return { resources: some, next: page.length > BATCH_LIMIT ? (some.at(-1)?.id ?? null) : null };
    },
    async digests(prefixes, signal) {
      await answering(signal);
      return bucketsByPages(
        prefixes,
        (async function* () {
          yield inOrder();
        })(),
      );
    },
    async changes(request, signal) {
      if (request.after === String(log.length) && (request.wait ?? 0) > 0)
        await clock.sleep(request.wait ?? 0, AbortSignal.any([signal, changed.signal]));
      await answering(signal);
      return changesOf(log, request);
    },
    close: async () => {},
  };
  return source;
}

/** Answers with changes of a log. A cursor is the number of changes before it. */
function changesOf(log: readonly FeedChange[], { after, limit = FEED_LIMIT }: FeedRequest): FeedLook {
  const head = String(log.length);
  if (after === undefined) return { kind: 'changes', changes: [], next: head, head };
  const from = Number(after);
  if (!(from <= log.length)) return { kind: 'start-over', why: 'replaced' };
  const changes = log.slice(from, from + limit);
  return { kind: 'changes', changes, next: String(from + changes.length), head };
}

type Faults = { refused: ReadonlyMap<string, SourceRefused>; failing: ReadonlySet<string> };

function answerOf<Resource>(
  agreement: Agreement<Resource>,
  { id, minVersion = 0, have = 0 }: Want,
  known: Known<Resource> | undefined,
  { refused, failing }: Faults,
): Look<Resource> {
  const error = refused.get(id);
  if (error !== undefined) return { kind: 'refused', error };
  if (failing.has(id)) return { kind: 'failed', reason: 'the source can not show this resource' };
  if (known === undefined) return { kind: 'missing' };
  const { version, resource } = known;
  if (version < minVersion) return { kind: 'behind', version };
  if (resource === null) return { kind: 'gone', version };
  return version === have ? { kind: 'unchanged', version } : found(agreement, version, resource);
}

function found<Resource>(agreement: Agreement<Resource>, version: number, resource: Resource): Look<Resource> {
  try {
    return { kind: 'found', version, resource: readResource(agreement, resource) };
  } catch (error) {
    if (error instanceof SourceRefused) return { kind: 'refused', error };
    throw error;
  }
}
