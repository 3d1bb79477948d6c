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
  /** Maximum bytes of the answer's body; a longer one is refused. */
  mostBytes: number;
  /** Tells which outages are not worth another try within this exchange. */
  isFinal?: (outage: SourceUnavailable) => boolean;
  /** Limits of this request that differ from those of others. */
  limits?: Partial<HttpLimits>;
};

/** Dependencies of an exchange. */
export type HttpDeps = { http: Http; clock: Clock; limits?: Partial<HttpLimits> };

/** Limits in milliseconds, and the number of tries. */
export type HttpLimits = {
  /** Time for one try, from the first byte sent to the last byte received. */
  attempt: number;
  /** Time for all tries and the pauses between them. */
  total: number;
  tries: number;
  firstPause: number;
  longestPause: number;
};

/** 10 s in all: far below a message's visibility timeout, so that no lease runs out because a source is slow. */
const LIMITS: HttpLimits = { attempt: 5_000, total: 10_000, tries: 4, firstPause: 50, longestPause: 2_000 };

/** Reads an answer. Throws SourceUnavailable for an answer that is an outage: the request is then repeated. */
export type ReadAnswer<Value> = (answer: HttpAnswer) => Value;

/**
 * Makes one HTTP exchange with a source: no redirects, no compression, bounded in time and size. It is tried again with
 * full jitter while the source is unavailable, and honours Retry-After. Throws SourceUnavailable or SourceRefused.
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
    // The pause is made below: p-retry's own timer can't be given a clock.
    minTimeout: 0,
    signal,
    shouldRetry: ({ error }) => error instanceof SourceUnavailable && !request.isFinal?.(error),
    async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
      if (!(error instanceof SourceUnavailable) || retriesLeft === 0 || request.isFinal?.(error)) throw error;
      const pause = Math.max(
        error.retryAfter ?? 0,
        jitter(clock, attemptNumber, limits.firstPause, limits.longestPause),
      );
      // A wait beyond the limit is left to the queue, which delivers the message again later.
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
    // identity: a limit on compressed bytes would be useless (20 KB can unpack to 20 MB).
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

/**
 * Makes the error for an answer that is too long. JSON counts as the source's own answer, anything else as another
 * server's page.
 */
function tooLong({ message, status, contentType = '' }: AnswerTooLong): Error {
  if (status === 200 && JSON_TYPE.test(contentType)) return new SourceRefused('agreement-broken', status, message);
  return new SourceUnavailable(message, { status, kind: 'foreign-answer' });
}

const JSON_TYPE = /^\s*application\/json\s*(;|$)/i;

/** Accepts any answer except one whose status means "not now". Throws SourceUnavailable. */
export function expectPresence(clock: Clock): ReadAnswer<HttpAnswer> {
  return (answer) => {
    if (!isTransient(answer.status)) return answer;
    throw new SourceUnavailable(`the source answers ${answer.status}`, {
      status: answer.status,
      retryAfter: retryAfterOf(answer, clock.now()),
    });
  };
}

/** True for a status that means "not now". 501 does not: the route will not exist in a minute either. */
export const isTransient = (status: number) =>
  status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501);

/** Milliseconds that an answer asks us to wait; undefined where it doesn't. */
export function retryAfterOf(answer: HttpAnswer, now: number): number | undefined {
  return parseRetryAfter(headerOf(answer, 'retry-after'), now);
}

/** Returns the first value of a header, by its name in lower case. */
export function headerOf({ headers }: HttpAnswer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Parses Retry-After into milliseconds (RFC 9110, 10.2.3): seconds or a date. Undefined for a time in the past, a
 * negative number or any other text.
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
