import { LRUCache } from 'lru-cache';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import type { FeedRequest } from '../../../contracts/wire/feed.ts';
import { BATCH_LIMIT, type BucketAnswer, type Want } from '../../../contracts/wire/source-api.ts';
import type { Clock } from '../system.ts';
import { broken, readEntry, readResource } from './answers.ts';
import { createAsk, type Reply } from './batching.ts';
import { SourceRefused } from './errors.ts';
import type { HttpLimits } from './exchange.ts';
import type { FeedLook } from './feed.ts';
import type { OpenHttp } from './http-port.ts';
import { createShrinking, inHalves } from './in-parts.ts';
import { nodeHttp } from './node-http.ts';
import { createSourceRequests } from './requests.ts';

/** Result of looking at one resource. */
export type Look<Resource> =
  | { kind: 'found'; version: number; resource: Resource }
  /** The source has nothing newer than the version held already. */
  | { kind: 'unchanged'; version: number }
  /** The resource is gone since this version. */
  | { kind: 'gone'; version: number }
  /** The source does not know the resource. After a ring for it, a replica is probably behind. */
  | { kind: 'missing' }
  /** The source has not seen the wanted version yet; it is at this version. */
  | { kind: 'behind'; version: number }
  /** The source can't show this resource now, but it shows others. */
  | { kind: 'failed'; reason: string }
  | { kind: 'refused'; error: SourceRefused };

/** A page of all resources; `next` is where to go on, null at the end. */
export type LookPage<Resource> = { resources: { id: string; look: Look<Resource> }[]; next: string | null };

/** Client that looks at resources through a source API. The runtime uses it, and other programs may use it too. */
export type SourceClient<Resource> = {
  /** Looks at up to 100 resources in one call; one result per want, in order. Throws SourceUnavailable. */
  look(wants: readonly Want[], signal: AbortSignal): Promise<Look<Resource>[]>;
  /**
   * Reads one page of all resources above an id, in id order, those that are gone too: up to 100. The page has fewer
   * where they are large and the source or this client limits its bytes. Throws SourceUnavailable or SourceRefused.
   */
  page(after: string, signal: AbortSignal): Promise<LookPage<Resource>>;
  /**
   * Reads the contents of up to 32 buckets of resources, in order; `['']` is all resources (contracts/wire/digests.ts).
   * Throws SourceUnavailable or SourceRefused.
   */
  digests(prefixes: readonly string[], signal: AbortSignal): Promise<BucketAnswer[]>;
  /**
   * Reads the changes after a cursor, by id only. Without a cursor it reads the cursor of the feed's end. With `wait`
   * the source holds the request until there is a change. Throws SourceUnavailable or SourceRefused.
   */
  changes(request: FeedRequest, signal: AbortSignal): Promise<FeedLook>;
  close: () => Promise<void>;
};

/** Address of the source, and the way to ask it. */
export type SourceClientOptions = {
  /**
   * URL of the source API, such as `https://shops.example`, with the path in front of the agreement's path, if there is
   * one.
   */
  url: string;
  /** Token of this agreement, or a function that returns the current one; undefined where the source asks for none. */
  token?: string | (() => string) | undefined;
  clock: Clock;
  /** Bytes of answers kept in memory, counted as received. */
  cacheBytes?: number;
  limits?: Partial<HttpLimits>;
  /** HTTP implementation: Node's own client by default, or undici with `undiciHttp` (`doorbell/undici-http`). */
  http?: OpenHttp;
  /** Called for every HTTP request, repeated ones not counted, with the number of resources asked for. */
  onRequest?: (resources: number) => void;
};

/** 64 MiB: some 60,000 answers of a kilobyte. */
const CACHE_BYTES = 64 * 1024 * 1024;

type Answer<Resource> = { version: number; resource: Resource };
/**
 * A request, and the remembered answer whose version it states, if any: a version is never stated without its answer.
 */
type Open<Resource> = { want: Want; held: Answer<Resource> | undefined };

/**
 * Makes the consumer's side of an agreement: it looks at resources, checks every answer, and remembers answers with
 * their versions.
 */
export function createSourceClient<Resource>(
  agreement: Agreement<Resource>,
  options: SourceClientOptions,
): SourceClient<Resource> {
  const url = new URL(options.url);
  const { token: stated, clock, limits = {}, onRequest = () => {}, cacheBytes = CACHE_BYTES } = options;
  const http = (options.http ?? nodeHttp)(url.origin, clock);
  const token = typeof stated === 'function' ? stated : () => stated;
  const requests = createSourceRequests(agreement, { http, url, token, clock, limits, onRequest });
  const ask = createAsk({ ...requests, clock });
  const pageOf = createShrinking(BATCH_LIMIT);
  const answers = new LRUCache<string, Answer<Resource> & {}>({ maxSize: cacheBytes });

  /** Returns the remembered answer if it is as new as the ring: then no call is needed. */
  function remembered({ id, minVersion = Infinity }: Want): Look<Resource> | null {
    const answer = answers.get(id);
    return answer !== undefined && answer.version >= minVersion ? { kind: 'found', ...answer } : null;
  }

  /** Adds the older answer that is remembered, as a validator. */
  function open(want: Want): Open<Resource> {
    const held = answers.peek(want.id);
    if (held === undefined || held.version <= (want.have ?? 0)) return { want, held: undefined };
    return { want: { ...want, have: held.version }, held };
  }

  function judge({ want, held }: Open<Resource>, reply: Reply): Look<Resource> {
    if ('error' in reply)
      return reply.error instanceof SourceRefused
        ? { kind: 'refused', error: reply.error }
        : { kind: 'failed', reason: reply.error.message };
    const answer = readEntry(want, reply.entry);
    if (answer.status === 404) return { kind: 'missing' };
    if (answer.status === 500) return notShown(answer.fault);
    const { version } = answer;
    if (answer.status === 503) return { kind: 'behind', version };
    if (answer.status === 304) return notModified(want, held, version);
    if (answer.status === 200) return found(want.id, version, readResource(agreement, answer.resource), reply.bytes);
    answers.delete(want.id);
    return { kind: 'gone', version };
  }

  function found(id: string, version: number, resource: Resource, size: number): Look<Resource> {
    // An answer older than the remembered one comes from a lagging replica: it is returned, not remembered.
    if ((answers.peek(id)?.version ?? 0) <= version)
      answers.set(id, { version, resource }, { size: Math.max(1, size) });
    return { kind: 'found', version, resource };
  }

  return {
    async look(wants, signal) {
      if (wants.length > BATCH_LIMIT)
        throw new RangeError(`${wants.length} resources at once; a batch has at most ${BATCH_LIMIT}`);
      const looks = wants.map(remembered);
      const opened = wants.filter((_, n) => looks[n] === null).map(open);
      const replies = await ask(
        opened.map(({ want }) => want),
        signal,
      );
      const fresh = opened.map((each, n) => refusable(() => judge(each, replies[n] as Reply)));
      return looks.map((look) => look ?? (fresh.shift() as Look<Resource>));
    },
    async page(after, signal) {
      const { resources, next } = await pageOf((size) => requests.page(after, size, signal));
      const look = (entry: { id: string }) =>
        refusable(() => judge({ want: { id: entry.id }, held: undefined }, { entry, bytes: 1 }));
      return { resources: resources.map((entry) => ({ id: entry.id, look: look(entry) })), next };
    },
    changes: requests.changes,
    digests: (prefixes, signal) => inHalves(prefixes, (some) => requests.digests(some, signal)),
    close: http.close,
  };
}

/** `fault` names the field, where the source tells it. */
function notShown(fault = ''): { kind: 'failed'; reason: string } {
  return { kind: 'failed', reason: `the source can not show this resource${fault && `: ${fault}`}` };
}

function notModified<Resource>({ have }: Want, held: Answer<Resource> | undefined, version: number): Look<Resource> {
  if (held?.version === version) return { kind: 'found', ...held };
  if (have === version) return { kind: 'unchanged', version };
  throw broken(`not modified since version ${version}, which the request did not name`, 304);
}

/** Turns a refusal into a result; other errors are thrown on. */
function refusable<Resource>(work: () => Look<Resource>): Look<Resource> {
  try {
    return work();
  } catch (error) {
    if (error instanceof SourceRefused) return { kind: 'refused', error };
    throw error;
  }
}
