import { type Dispatcher, Pool } from 'undici';
import { type AnswerLimits, AnswerTooLong, decodeBody, type Http, type HttpAnswer } from './http-port.ts';

/** 8 connections per source: more would only share one slow database. Other limits are set by the caller. */
const POOL: Pool.Options = { connections: 8, connect: { timeout: 2_000 }, headersTimeout: 0, bodyTimeout: 0 };

/**
 * Opens HTTP by a pool of undici, for a worker. It takes less CPU per request, and 57 ms to load (docs/performance.md).
 */
export function undiciHttp(origin: string): Http {
  const pool = new Pool(origin, POOL);
  return {
    send: (request, limits) => wholeAnswer(pool, request, limits),
    close: () => pool.destroy(),
  };
}

/**
 * Makes a request and reads the whole answer, by undici's own handler: a stream per answer costs more than the answer.
 * Rejects with AnswerTooLong, with the signal's reason when it aborts, or with undici's error.
 */
export function wholeAnswer(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { mostBytes = Infinity, signal }: AnswerLimits,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const answer: HttpAnswer = { status: 0, headers: {}, body: '' };
    const chunks: Buffer[] = [];
    let bytes = 0;
    let cut: ((reason: Error) => void) | null = null;
    const stop = () => {
      cut?.(signal?.reason);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    const leave = () => signal?.removeEventListener('abort', stop);
    dispatcher.dispatch(request, {
      onRequestStart(controller) {
        cut = (reason) => controller.abort(reason);
        if (signal?.aborted) cut(signal.reason);
      },
      onResponseStart(_, status, headers) {
        answer.status = status;
        answer.headers = headers;
      },
      onResponseData(_, chunk) {
        bytes += chunk.length;
        if (bytes > mostBytes) cut?.(new AnswerTooLong(answer.status, mostBytes, answer.headers['content-type']));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        leave();
        answer.body = decodeBody(chunks);
        resolve(answer);
      },
      onResponseError(_, error) {
        leave();
        reject(error);
      },
    });
  });
}
