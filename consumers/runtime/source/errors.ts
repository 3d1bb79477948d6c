import type { OutageKind } from '../queue/events.ts';
import type { FaultCode } from '../queue/queue.ts';

/** The source can't be asked now. No message is to blame: each of them is asked for again later. */
export class SourceUnavailable extends Error {
  override name = 'SourceUnavailable';
  readonly kind: OutageKind;
  /** HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** Milliseconds the source asked us to wait, if it did. */
  readonly retryAfter: number | undefined;
  constructor(message: string, more: Outage = {}) {
    super(message, { cause: more.cause });
    this.kind = more.kind ?? 'source-away';
    this.status = more.status;
    this.retryAfter = more.retryAfter;
  }
}

/** Facts of an outage; `kind` is `source-away` where none is given. */
type Outage = { kind?: OutageKind; status?: number; retryAfter?: number | undefined; cause?: unknown };

/** The source said no in a way that asking again won't change. */
export class SourceRefused extends Error {
  override name = 'SourceRefused';
  readonly code: FaultCode;
  readonly status: number;
  /** Path of the fault in the answer, as in `menu.0.price`; undefined where it is in no field. */
  readonly field: string | undefined;
  constructor(code: FaultCode, status: number, message: string, field?: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.field = field;
  }
}

/** Statuses of an answer that says: nothing answers at this address, or not by this method. */
const NO_ROUTE = new Set<number | undefined>([404, 405, 501]);

/** Tells an answer that there is no such route, whosever word it is. */
export function isNoRoute(error: unknown): error is SourceUnavailable {
  return error instanceof SourceUnavailable && error.kind === 'foreign-answer' && NO_ROUTE.has(error.status);
}
