import type { Agreement } from '../../../contracts/wire/agreement.ts';
import type { FeedRequest } from '../../../contracts/wire/feed.ts';
import { firstIssue } from '../../../contracts/wire/issues.ts';
import { ResourceId } from '../../../contracts/wire/resource.ts';
import { type BucketAnswer, entityTag, MIN_VERSION, type Want } from '../../../contracts/wire/source-api.ts';
import type { Clock } from '../system.ts';
import { readBatch, readDigests, readPage, readSingle, type UncheckedPage } from './answers.ts';
import { isNoRoute, SourceRefused, type SourceUnavailable } from './errors.ts';
import { exchange, type HttpLimits, type HttpRequest } from './exchange.ts';
import { type FeedLook, readChanges } from './feed.ts';
import type { Http } from './http-port.ts';
import { readSourceWord, type SourceWord } from './word.ts';

/** Result of one HTTP request: entries by resource, still unchecked, and their size in bytes. */
export type Entries = { byId: Map<string, unknown>; bytes: number };

/** The requests of a source API. Each throws SourceUnavailable or SourceRefused. */
export type SourceRequests = {
  one: (want: Want, signal: AbortSignal) => Promise<Entries>;
  many: (wants: readonly Want[], signal: AbortSignal) => Promise<Entries>;
  page: (after: string, limit: number, signal: AbortSignal) => Promise<UncheckedPage>;
  digests: (prefixes: readonly string[], signal: AbortSignal) => Promise<BucketAnswer[]>;
  changes: (request: FeedRequest, signal: AbortSignal) => Promise<FeedLook>;
};

/** Dependencies of making requests. */
export type RequestOptions = {
  http: Http;
  /** URL of the source API, with the path in front of the agreement's path, if there is one. */
  url: URL;
  /** Called for each request, because a token may be renewed. */
  token: () => string | undefined;
  clock: Clock;
  limits: Partial<HttpLimits>;
  /** Called for every request, repeated ones not counted, with the number of resources asked for. */
  onRequest: (resources: number) => void;
};

/** Decoded bytes: 1 MiB for one resource or for a thousand ids, 8 MiB for a hundred resources. */
const MOST_BYTES = { single: 1024 * 1024, batch: 8 * 1024 * 1024, feed: 1024 * 1024 };

const JSON_BODY = { 'content-type': 'application/json' };

/** Limits of a request that the source holds for `ms`: 5 s more for one try, and one more try. */
const waiting = (ms: number) => ({ attempt: ms + 5_000, total: 2 * ms + 10_000, tries: 2 });

/** 12 s: a publisher gives its database 10 s for a statement, and adding up a million resources takes 2.5 s. */
const DIGEST_LIMITS = { attempt: 12_000, total: 30_000 };

/** Makes the requests that an agreement defines. */
export function createSourceRequests(agreement: Agreement, options: RequestOptions): SourceRequests {
  const { http, url, token, clock, limits, onRequest } = options;
  const base = url.pathname.replace(/\/$/, '') + agreement.path;

  function common(): Record<string, string> {
    const stated = token();
    return { accept: 'application/json', ...(stated && { authorization: `Bearer ${stated}` }) };
  }

  const read = readSourceWord(agreement.name, clock);

  function send(request: HttpRequest, signal: AbortSignal): Promise<SourceWord> {
    const whole = { isFinal, ...request, path: base + request.path, headers: { ...common(), ...request.headers } };
    return exchange(whole, read, { http, clock, limits }, signal);
  }

  function post(path: string, value: unknown, more: Partial<HttpRequest>, signal: AbortSignal): Promise<SourceWord> {
    const body = JSON.stringify(value);
    return send({ method: 'POST', path, headers: JSON_BODY, body, mostBytes: MOST_BYTES.batch, ...more }, signal);
  }

  return {
    async one(want, signal) {
      onRequest(1);
      const headers = {
        ...(want.minVersion !== undefined && { [MIN_VERSION]: String(want.minVersion) }),
        ...(want.have !== undefined && { 'if-none-match': entityTag(agreement, want.have) }),
      };
      const path = `/${inAddress(want.id)}`;
      const word = await send({ method: 'GET', path, headers, mostBytes: MOST_BYTES.single }, signal);
      return { byId: new Map([[want.id, readSingle(want, word)]]), bytes: word.bytes };
    },
    async many(wants, signal) {
      onRequest(wants.length);
      const word = await post('/batch', { resources: wants }, { isFinal: isLast }, signal);
      return { byId: readBatch(word), bytes: word.bytes };
    },
    async page(after, limit, signal) {
      const path = `?after=${after && inAddress(after)}&limit=${limit}`;
      return readPage(await send({ method: 'GET', path, headers: {}, mostBytes: MOST_BYTES.batch }, signal));
    },
    async digests(prefixes, signal) {
      return readDigests(prefixes, await post('/digests', { prefixes }, { limits: DIGEST_LIMITS }, signal));
    },
    async changes(request, signal) {
      const more = { isFinal: isLast, limits: waiting(request.wait ?? 0), mostBytes: MOST_BYTES.feed };
      try {
        return readChanges(request, await post('/changes', request, more, signal));
      } catch (error) {
        if (isNoRoute(error)) return { kind: 'no-feed' };
        throw error;
      }
    },
  };
}

/**
 * Checks an id that becomes part of an address. An id needs no encoding there (RFC 3986, 3.3 and 3.4). Any other text
 * could lead to another address, as `../admin` does. Throws SourceRefused, as after the source's own refusal.
 */
function inAddress(id: string): string {
  const parsed = ResourceId.safeParse(id);
  if (parsed.success) return id;
  throw new SourceRefused('source-refused', 422, `${JSON.stringify(id)} is no id: ${firstIssue(parsed.error)}`);
}

/** True for a refused token, which will not change within seconds. */
const isFinal = ({ kind }: SourceUnavailable) => kind === 'token-refused';

/** The same, and true where nothing answers at this address. */
const isLast = (outage: SourceUnavailable) => isFinal(outage) || isNoRoute(outage);
