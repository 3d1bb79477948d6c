import type { Dispatcher } from 'undici';

/** An answer that was read to its end. */
export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** What bounds an answer. */
export type AnswerLimits = {
  /** Bytes of the body; a longer one is cut off with its connection. */
  mostBytes?: number;
  signal?: AbortSignal | undefined;
};

/** The body was longer than it may be. */
export class AnswerTooLong extends Error {
  override name = 'AnswerTooLong';
  readonly status: number;
  constructor(status: number, mostBytes: number) {
    super(`the answer has more than ${mostBytes} bytes`);
    this.status = status;
  }
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
        if (bytes > mostBytes) cut?.(new AnswerTooLong(answer.status, mostBytes));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        leave();
        answer.body = textOf(chunks);
        resolve(answer);
      },
      onResponseError(_, error) {
        leave();
        reject(error);
      },
    });
  });
}

function textOf(chunks: Buffer[]): string {
  return (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8');
}
