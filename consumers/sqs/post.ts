import type { Dispatcher } from 'undici';

/** A `POST /` that was answered to the end. */
export type Posted = { status: number; text: string };

/** What is posted. `headersTimeout` in milliseconds. */
export type Posting = { headers: Record<string, string>; body: string; headersTimeout: number };

/**
 * Posts and reads the whole answer, by undici's own handler: a stream per answer costs more than the answer. Rejects
 * with the signal's reason when it aborts.
 */
export function post(dispatcher: Dispatcher, posting: Posting, signal: AbortSignal | undefined): Promise<Posted> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let status = 0;
    let abort: (() => void) | null = null;
    const chunks: Buffer[] = [];
    const stop = () => {
      abort?.();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    const leave = () => signal?.removeEventListener('abort', stop);
    dispatcher.dispatch(
      { method: 'POST', path: '/', ...posting },
      {
        onRequestStart(controller) {
          abort = () => controller.abort(signal?.reason ?? new Error('stopped'));
          if (signal?.aborted) abort();
        },
        onResponseStart(_, code) {
          status = code;
        },
        onResponseData(_, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          leave();
          resolve({ status, text: textOf(chunks) });
        },
        onResponseError(_, error) {
          leave();
          reject(error);
        },
      },
    );
  });
}

function textOf(chunks: Buffer[]): string {
  return (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8');
}
