import { LRUCache } from 'lru-cache';
import { type Dispatcher, Pool } from 'undici';
import type { Agreement } from '../../contracts/agreement.ts';
import { BATCH_LIMIT, entityTag, MIN_VERSION, type Want } from '../../contracts/source-api.ts';
import { exchange, type HttpAnswer, type HttpLimits, type HttpRequest } from './http.ts';
import { broken, isBehind, readBatch, readEntry, readPage, readShop, readSingle } from './source-answer.ts';
import { SourceRefused } from './source-error.ts';
import type { Clock } from './system.ts';

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
  | { kind: 'refused'; error: SourceRefused };

/** Some of all shops; `next` is where to go on, null at the end. */
export type Page<Shop> = { shops: { id: string; look: Look<Shop> }[]; next: string | null };

export type SourceClient<Shop> = {
  /** Looks at up to 100 shops in one call; one result per want, in order. Throws SourceUnavailable. */
  look(wants: readonly Want[], signal: AbortSignal): Promise<Look<Shop>[]>;
  /** One page of all shops above an id, in id order, closed ones too. Throws SourceUnavailable or SourceRefused. */
  page(after: string, signal: AbortSignal): Promise<Page<Shop>>;
  close: () => Promise<void>;
};

export type SourceClientOptions = {
  /** Where the source API is, `https://shops.example`, with a path in front of the agreement's if need be. */
  url: string;
  /** The token of this agreement; undefined where the source asks for none. */
  token?: string | undefined;
  clock: Clock;
  /** Answers kept, by count. 10,000 answers of 1 KB are 10 MB. */
  cacheSize?: number;
  limits?: Partial<HttpLimits>;
  /** An undici dispatcher of the caller's; otherwise a pool is made here, and closed here. */
  dispatcher?: Dispatcher;
  /** Hears of every HTTP request, repeated ones not counted, and how many shops it asks for. */
  onRequest?: (shops: number) => void;
};

/** 8 connections a source: more would only be as many slots for one slow database. */
const POOL: Pool.Options = { connections: 8, connect: { timeout: 2_000 }, headersTimeout: 5_000, bodyTimeout: 5_000 };
/** Decoded bytes: 1 MiB for one shop, 8 MiB for a hundred. */
const MOST_BYTES = { single: 1024 * 1024, batch: 8 * 1024 * 1024 };

/** The consumer's side of an agreement: looks at shops, checks every answer, and remembers versioned answers. */
export function createSourceClient<Shop>(agreement: Agreement<Shop>, options: SourceClientOptions): SourceClient<Shop> {
  const { origin, pathname } = new URL(options.url);
  const dispatcher = options.dispatcher ?? new Pool(origin, POOL);
  const base = pathname.replace(/\/$/, '') + agreement.path;
  const common = { accept: 'application/json', ...(options.token && { authorization: `Bearer ${options.token}` }) };
  const answers = new LRUCache<string, { version: number; shop: Shop & {} }>({ max: options.cacheSize ?? 10_000 });

  function send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { clock, limits } = options;
    const whole = { ...request, path: base + request.path, headers: { ...common, ...request.headers } };
    return exchange(whole, { dispatcher, origin, clock, ...(limits && { limits }) }, signal);
  }

  /** An answer as new as what was rung needs no call. */
  function remembered({ id, minVersion = Infinity }: Want): Look<Shop> | null {
    const answer = answers.get(id);
    return answer !== undefined && answer.version >= minVersion ? { kind: 'found', ...answer } : null;
  }

  /** An older answer is a validator. */
  function withValidator(want: Want): Want {
    const have = Math.max(want.have ?? 0, answers.peek(want.id)?.version ?? 0);
    return have === 0 ? want : { ...want, have };
  }

  async function askOne(want: Want, signal: AbortSignal): Promise<unknown> {
    const headers = {
      ...(want.minVersion !== undefined && { [MIN_VERSION]: String(want.minVersion) }),
      ...(want.have !== undefined && { 'if-none-match': entityTag(agreement, want.have) }),
    };
    const request: HttpRequest = {
      method: 'GET',
      path: `/${want.id}`,
      headers,
      mostBytes: MOST_BYTES.single,
      isAnswer: isBehind,
    };
    return readSingle(want, await send(request, signal));
  }

  async function ask(wants: readonly Want[], signal: AbortSignal): Promise<Map<string, unknown>> {
    const [only] = wants;
    if (only === undefined) return new Map();
    options.onRequest?.(wants.length);
    if (wants.length === 1) return new Map([[only.id, await askOne(only, signal)]]);
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ shops: wants });
    return readBatch(
      await send({ method: 'POST', path: '/batch', headers, body, mostBytes: MOST_BYTES.batch }, signal),
    );
  }

  function judge(want: Want, entry: unknown): Look<Shop> {
    const answer = readEntry(want, entry);
    if (answer.status === 404) return { kind: 'missing' };
    if (answer.status === 503) return { kind: 'behind', version: answer.version };
    if (answer.status === 304) return notModified(want, answer.version);
    if (answer.status === 200) return found(want.id, answer.version, readShop(agreement, answer.shop));
    answers.delete(want.id);
    return { kind: 'gone', version: answer.version };
  }

  function notModified({ id, have }: Want, version: number): Look<Shop> {
    const answer = answers.get(id);
    if (answer?.version === version) return { kind: 'found', ...answer };
    if (have === version) return { kind: 'unchanged', version };
    throw broken(`not modified since version ${version}, which nobody said we had`, 304);
  }

  function found(id: string, version: number, shop: Shop): Look<Shop> {
    // An older answer than the one we hold comes from a lagging replica: it is told, not remembered.
    if ((answers.peek(id)?.version ?? 0) <= version) answers.set(id, { version, shop: shop as Shop & {} });
    return { kind: 'found', version, shop };
  }

  return {
    async look(wants, signal) {
      if (wants.length > BATCH_LIMIT)
        throw new RangeError(`${wants.length} shops at once; a batch has at most ${BATCH_LIMIT}`);
      const looks = wants.map(remembered);
      const open = wants.filter((_, n) => looks[n] === null).map(withValidator);
      const asked = await ask(open, signal).catch((error: unknown) => refusal(error));
      const fresh = open.map((want) => (asked instanceof Map ? judged(judge, want, asked.get(want.id)) : asked));
      return looks.map((look) => look ?? (fresh.shift() as Look<Shop>));
    },
    async page(after, signal) {
      const path = `?after=${after}&limit=${BATCH_LIMIT}`;
      const answer = await send({ method: 'GET', path, headers: {}, mostBytes: MOST_BYTES.batch }, signal);
      const { shops, next } = readPage(answer);
      return { shops: shops.map((entry) => ({ id: entry.id, look: judged(judge, { id: entry.id }, entry) })), next };
    },
    close: async () => {
      if (options.dispatcher === undefined) await dispatcher.close();
    },
  };
}

function judged<Shop>(judge: (want: Want, entry: unknown) => Look<Shop>, want: Want, entry: unknown): Look<Shop> {
  try {
    return judge(want, entry);
  } catch (error) {
    return refusal(error);
  }
}

/** A refusal is a result; anything else is thrown on. */
function refusal(error: unknown): { kind: 'refused'; error: SourceRefused } {
  if (error instanceof SourceRefused) return { kind: 'refused', error };
  throw error;
}
