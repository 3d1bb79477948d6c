import { LRUCache } from 'lru-cache';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import { BATCH_LIMIT, type BucketAnswer, type Want } from '../../../contracts/wire/source-api.ts';
import type { Clock } from '../system.ts';
import { broken, readEntry, readShop } from './answers.ts';
import { createAsk, type Reply } from './batching.ts';
import { SourceRefused } from './errors.ts';
import type { HttpLimits } from './exchange.ts';
import type { OpenHttp } from './http-port.ts';
import { createShrinking, inHalves } from './in-parts.ts';
import { nodeHttp } from './node-http.ts';
import { createSourceRequests } from './requests.ts';

/** What looking at one shop found. */
export type Look<Shop> =
  | { kind: 'found'; version: number; shop: Shop }
  /** Nothing newer than the version that was held already. */
  | { kind: 'unchanged'; version: number }
  /** Closed, at this version. */
  | { kind: 'gone'; version: number }
  /** The source has never heard of it: a replica that is behind, if somebody rang. */
  | { kind: 'missing' }
  /** The source has not seen the wanted version yet; it is at this one. */
  | { kind: 'behind'; version: number }
  /** The source can't show this shop now, though it shows others. */
  | { kind: 'failed'; reason: string }
  | { kind: 'refused'; error: SourceRefused };

/** Some of all shops; `next` is where to go on, null at the end. */
export type LookPage<Shop> = { shops: { id: string; look: Look<Shop> }[]; next: string | null };

/** What looks at shops by a source API; the runtime uses it, and so may others. */
export type SourceClient<Shop> = {
  /** Looks at up to 100 shops in one call; one result per want, in order. Throws SourceUnavailable. */
  look(wants: readonly Want[], signal: AbortSignal): Promise<Look<Shop>[]>;
  /**
   * One page of all shops above an id, in id order, closed ones too: up to 100, and fewer where they are large, whoever
   * bounds it. Throws SourceUnavailable or SourceRefused.
   */
  page(after: string, signal: AbortSignal): Promise<LookPage<Shop>>;
  /**
   * What is in each of up to 64 buckets of shops, in order; `['']` is all shops (contracts/wire/digests.ts). Throws
   * SourceUnavailable or SourceRefused.
   */
  digests(prefixes: readonly string[], signal: AbortSignal): Promise<BucketAnswer[]>;
  close: () => Promise<void>;
};

/** Where the source is, and how it is asked. */
export type SourceClientOptions = {
  /** Where the source API is, `https://shops.example`, with a path in front of the agreement's if need be. */
  url: string;
  /** The token of this agreement, or what knows it when it is renewed; undefined where the source asks for none. */
  token?: string | (() => string) | undefined;
  clock: Clock;
  /** Bytes of answers kept, counted as they came. */
  cacheBytes?: number;
  limits?: Partial<HttpLimits>;
  /** How HTTP is spoken: by Node's own client where nothing is said, by undici with `undiciHttp` (`doorbell/undici-http`). */
  http?: OpenHttp;
  /** Hears of every HTTP request, repeated ones not counted, and how many shops it asks for. */
  onRequest?: (shops: number) => void;
};

/** 64 MiB: some 60,000 answers of a kilobyte. */
const CACHE_BYTES = 64 * 1024 * 1024;

type Answer<Shop> = { version: number; shop: Shop };
/** What is asked, and the remembered answer whose version it states, if any: a validator never outlives its body. */
type Open<Shop> = { want: Want; held: Answer<Shop> | undefined };

/** The consumer's side of an agreement: looks at shops, checks every answer, and remembers versioned answers. */
export function createSourceClient<Shop>(agreement: Agreement<Shop>, options: SourceClientOptions): SourceClient<Shop> {
  const url = new URL(options.url);
  const { token: stated, clock, limits = {}, onRequest = () => {}, cacheBytes = CACHE_BYTES } = options;
  const http = (options.http ?? nodeHttp)(url.origin, clock);
  const token = typeof stated === 'function' ? stated : () => stated;
  const requests = createSourceRequests(agreement, { http, url, token, clock, limits, onRequest });
  const ask = createAsk({ ...requests, clock });
  const pageOf = createShrinking(BATCH_LIMIT);
  const answers = new LRUCache<string, Answer<Shop> & {}>({ maxSize: cacheBytes });

  /** An answer as new as what was rung needs no call. */
  function remembered({ id, minVersion = Infinity }: Want): Look<Shop> | null {
    const answer = answers.get(id);
    return answer !== undefined && answer.version >= minVersion ? { kind: 'found', ...answer } : null;
  }

  /** An older answer is a validator. */
  function open(want: Want): Open<Shop> {
    const held = answers.peek(want.id);
    if (held === undefined || held.version <= (want.have ?? 0)) return { want, held: undefined };
    return { want: { ...want, have: held.version }, held };
  }

  function judge({ want, held }: Open<Shop>, reply: Reply): Look<Shop> {
    if ('error' in reply)
      return reply.error instanceof SourceRefused
        ? { kind: 'refused', error: reply.error }
        : { kind: 'failed', reason: reply.error.message };
    const answer = readEntry(want, reply.entry);
    if (answer.status === 404) return { kind: 'missing' };
    if (answer.status === 500) return { kind: 'failed', reason: 'the source can not show this shop' };
    const { version } = answer;
    if (answer.status === 503) return { kind: 'behind', version };
    if (answer.status === 304) return notModified(want, held, version);
    if (answer.status === 200) return found(want.id, version, readShop(agreement, answer.shop), reply.bytes);
    answers.delete(want.id);
    return { kind: 'gone', version };
  }

  function found(id: string, version: number, shop: Shop, size: number): Look<Shop> {
    // An older answer than the one we hold comes from a lagging replica: it is told, not remembered.
    if ((answers.peek(id)?.version ?? 0) <= version) answers.set(id, { version, shop }, { size: Math.max(1, size) });
    return { kind: 'found', version, shop };
  }

  return {
    async look(wants, signal) {
      if (wants.length > BATCH_LIMIT)
        throw new RangeError(`${wants.length} shops at once; a batch has at most ${BATCH_LIMIT}`);
      const looks = wants.map(remembered);
      const opened = wants.filter((_, n) => looks[n] === null).map(open);
      const replies = await ask(
        opened.map(({ want }) => want),
        signal,
      );
      const fresh = opened.map((each, n) => refusable(() => judge(each, replies[n] as Reply)));
      return looks.map((look) => look ?? (fresh.shift() as Look<Shop>));
    },
    async page(after, signal) {
      const { shops, next } = await pageOf((size) => requests.page(after, size, signal));
      const look = (entry: { id: string }) =>
        refusable(() => judge({ want: { id: entry.id }, held: undefined }, { entry, bytes: 1 }));
      return { shops: shops.map((entry) => ({ id: entry.id, look: look(entry) })), next };
    },
    digests: (prefixes, signal) => inHalves(prefixes, (some) => requests.digests(some, signal)),
    close: http.close,
  };
}

function notModified<Shop>({ have }: Want, held: Answer<Shop> | undefined, version: number): Look<Shop> {
  if (held?.version === version) return { kind: 'found', ...held };
  if (have === version) return { kind: 'unchanged', version };
  throw broken(`not modified since version ${version}, which nobody said we had`, 304);
}

/** A refusal is a result; anything else is thrown on. */
function refusable<Shop>(work: () => Look<Shop>): Look<Shop> {
  try {
    return work();
  } catch (error) {
    if (error instanceof SourceRefused) return { kind: 'refused', error };
    throw error;
  }
}
