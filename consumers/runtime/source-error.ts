import type { FaultCode } from './queue.ts';

/** The source can't be asked now: refused, reset, too slow, 429, 5xx. Nobody's fault, and no message's. */
export class SourceUnavailable extends Error {
  override name = 'SourceUnavailable';
  /** HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** Milliseconds the source asked us to wait, if it did. */
  readonly retryAfter: number | undefined;
  constructor(message: string, more: { status?: number; retryAfter?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: more.cause });
    this.status = more.status;
    this.retryAfter = more.retryAfter;
  }
}

/** The source said no in a way that asking again won't change. */
export class SourceRefused extends Error {
  override name = 'SourceRefused';
  readonly code: FaultCode;
  readonly status: number;
  constructor(code: FaultCode, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
