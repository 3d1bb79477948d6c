import pRetry from 'p-retry';
import { type Clock, deadline, jitter } from '../system.ts';
import { SourceRefused, SourceUnavailable } from './errors.ts';
import { AnswerTooLong, type Http, type HttpAnswer } from './http-port.ts';

/** One request to a source. */
export type HttpRequest = {
  method: 'GET' | 'POST';
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** Bytes of the answer's body; a longer one is refused. */
  mostBytes: number;
  /** Says which outages are not worth another try within this exchange. */
  isFinal?: (outage: SourceUnavailable) => boolean;
  /** Limits of this request that differ from those of others. */
  limits?: Partial<HttpLimits>;
};

/** Dependencies of an exchange. */
export type HttpDeps = { http: Http; clock: Clock; limits?: Partial<HttpLimits> };

/** Milliseconds, and how often. */
export type HttpLimits = {
  /** One try, from the first byte out to the last byte in. */
  attempt: number;
  /** All tries and the pauses between them. */
  total: number;
  tries: number;
  firstPause: number;
  longestPause: number;
};

/** 10 s in all: well below the visibility of a message, so that no lease runs out over a slow source. */
const LIMITS: HttpLimits = { attempt: 5_000, total: 10_000, tries: 4, firstPause: 50, longestPause: 2_000 };

/** Reads an answer. Throws SourceUnavailable for one that is an outage: then it is asked again. */
export type ReadAnswer<Value> = (answer: HttpAnswer) => Value;

/**
 * One HTTP exchange with a source: no redirects, no compression, bounded in time and size, tried again with full
 * jitter while the source is unavailable, heeding Retry-After. Throws SourceUnavailable or SourceRefused.
 */
export async function exchange<Value>(
  request: HttpRequest,
  read: ReadAnswer<Value>,
  deps: HttpDeps,
  signal: AbortSignal,
): Promise<Value> {
  const limits = { ...LIMITS, ...deps.limits, ...request.limits };
  const { clock } = deps;
  const end = clock.now() + limits.total;
  return pRetry(() => attempt(request, read, deps, Math.min(limits.attempt, end - clock.now()), signal), {
    retries: limits.tries - 1,
    // The pause is ours, below: p-retry's own timer can't be given a clock.
    minTimeout: 0,
    signal,
    shouldRetry: ({ error }) => error instanceof SourceUnavailable && !request.isFinal?.(error),
    async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
      if (!(error instanceof SourceUnavailable) || retriesLeft === 0 || request.isFinal?.(error)) throw error;
      const pause = Math.max(
        error.retryAfter ?? 0,
        jitter(clock, attemptNumber, limits.firstPause, limits.longestPause),
      );
      // What would take longer than we may wait is for the queue to remember, not for us.
      if (clock.now() + pause >= end) throw error;
      await clock.sleep(pause, signal);
    },
  });
}

async function attempt<Value>(
  request: HttpRequest,
  read: ReadAnswer<Value>,
  deps: HttpDeps,
  ms: number,
  signal: AbortSignal,
): Promise<Value> {
  const { method, path, headers, body = null, mostBytes } = request;
  const limit = deadline(deps.clock, ms, signal);
  try {
    // identity: a size limit on compressed bytes is none (20 KB can unpack to 20 MB).
    const plain = { ...headers, 'accept-encoding': 'identity' };
    const answer = await deps.http.send({ method, path, headers: plain, body }, { mostBytes, signal: limit.signal });
    return read(answer);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof AnswerTooLong) throw tooLong(error);
    if (error instanceof SourceUnavailable) throw error;
    throw new SourceUnavailable(reasonOf(error, limit.signal), { cause: error });
  } finally {
    limit.dispose();
  }
}

/** JSON without end is the source's own, if it is anybody's; a page without end is somebody else's. */
function tooLong({ message, status, contentType = '' }: AnswerTooLong): Error {
  if (status === 200 && JSON_TYPE.test(contentType)) return new SourceRefused('agreement-broken', status, message);
  return new SourceUnavailable(message, { status, kind: 'foreign-answer' });
}

const JSON_TYPE = /^\s*application\/json\s*(;|$)/i;

/** Reads any answer but one whose status says "not now". Throws SourceUnavailable. */
export function expectPresence(clock: Clock): ReadAnswer<HttpAnswer> {
  return (answer) => {
    if (!isTransient(answer.status)) return answer;
    throw new SourceUnavailable(`the source answers ${answer.status}`, {
      status: answer.status,
      retryAfter: retryAfterOf(answer, clock.now()),
    });
  };
}

/** Tells a status that says "not now". 501 is none: that there is no such thing here will be as true in a minute. */
export const isTransient = (status: number) =>
  status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501);

/** Milliseconds that an answer asks us to wait; undefined where it doesn't. */
export function retryAfterOf(answer: HttpAnswer, now: number): number | undefined {
  return parseRetryAfter(headerOf(answer, 'retry-after'), now);
}

/** The first value of a header, by its name in small letters. */
export function headerOf({ headers }: HttpAnswer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Retry-After in milliseconds (RFC 9110, 10.2.3): seconds or a date. Undefined for what is past, negative or
 * neither.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now;
  return ms > 0 ? ms : undefined;
}

function reasonOf(error: unknown, limit: AbortSignal): string {
  const cause = limit.aborted ? limit.reason : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
