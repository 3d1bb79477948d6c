import pRetry from 'p-retry';
import { AnswerTooLong, type Http, type HttpAnswer } from './answer.ts';
import { SourceRefused, SourceUnavailable } from './source-error.ts';
import { type Clock, deadline, jitter } from './system.ts';

/** One request to a source. */
export type HttpRequest = {
  method: 'GET' | 'POST';
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** Bytes of the answer's body; a longer one is refused. */
  mostBytes: number;
  /** Answers that look like an outage by their status and are none. */
  isAnswer?: (answer: HttpAnswer) => boolean;
  /** What this request needs more of than others. */
  limits?: Partial<HttpLimits>;
};

/** What an exchange needs. */
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

/**
 * One HTTP exchange with a source: no redirects, no compression, bounded in time and size, tried again with full
 * jitter while the source is unavailable, heeding Retry-After. Throws SourceUnavailable or SourceRefused.
 */
export async function exchange(request: HttpRequest, deps: HttpDeps, signal: AbortSignal): Promise<HttpAnswer> {
  const limits = { ...LIMITS, ...deps.limits, ...request.limits };
  const { clock } = deps;
  const end = clock.now() + limits.total;
  return pRetry(() => attempt(request, deps, Math.min(limits.attempt, end - clock.now()), signal), {
    retries: limits.tries - 1,
    // The pause is ours, below: p-retry's own timer can't be given a clock.
    minTimeout: 0,
    signal,
    shouldRetry: ({ error }) => error instanceof SourceUnavailable,
    async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
      if (!(error instanceof SourceUnavailable) || retriesLeft === 0) throw error;
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

async function attempt(request: HttpRequest, deps: HttpDeps, ms: number, signal: AbortSignal): Promise<HttpAnswer> {
  const { method, path, headers, body = null, mostBytes } = request;
  const limit = deadline(deps.clock, ms, signal);
  try {
    // identity: a size limit on compressed bytes is none (20 KB can unpack to 20 MB).
    const plain = { ...headers, 'accept-encoding': 'identity' };
    const answer = await deps.http.send({ method, path, headers: plain, body }, { mostBytes, signal: limit.signal });
    if (isTransient(answer.status) && !request.isAnswer?.(answer)) throw unavailable(answer, deps.clock);
    return answer;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof AnswerTooLong && !isTransient(error.status))
      throw new SourceRefused('agreement-broken', error.status, error.message);
    if (error instanceof SourceUnavailable) throw error;
    throw new SourceUnavailable(reasonOf(error, limit.signal), { cause: error });
  } finally {
    limit.dispose();
  }
}

/** 501 says that there is no such thing here, which will be as true in a minute. */
const isTransient = (status: number) =>
  status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501);

function unavailable({ status, headers }: HttpAnswer, clock: Clock): SourceUnavailable {
  const retryAfter = headers['retry-after'];
  const after = parseRetryAfter(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, clock.now());
  return new SourceUnavailable(`the source answers ${status}`, { status, retryAfter: after });
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
