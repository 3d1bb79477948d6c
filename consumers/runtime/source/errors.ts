import type { OutageKind } from '../queue/events.ts';
import type { FaultCode } from '../queue/queue.ts';

/** The source can't be asked now. No message is at fault: each of them is tried again later. */
export class SourceUnavailable extends Error {
  override name = 'SourceUnavailable';
  readonly kind: OutageKind;
  /** HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** Milliseconds that the source asked us to wait, if it did. */
  readonly retryAfter: number | undefined;
  constructor(message: string, more: Outage = {}) {
    super(message, { cause: more.cause });
    this.kind = more.kind ?? 'source-away';
    this.status = more.status;
    this.retryAfter = more.retryAfter;
  }
}

/** Details of an outage; `kind` is `source-away` by default. */
type Outage = { kind?: OutageKind; status?: number; retryAfter?: number | undefined; cause?: unknown };

/** The source refused in a way that asking again won't change. */
export class SourceRefused extends Error {
  override name = 'SourceRefused';
  readonly code: FaultCode;
  readonly status: number;
  /** Path of the faulty field in the answer, as in `menu.0.price`; undefined where no field is at fault. */
  readonly field: string | undefined;
  constructor(code: FaultCode, status: number, message: string, field?: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.field = field;
  }
}

/** Statuses that mean: nothing answers at this address, or not by this method. */
const NO_ROUTE = new Set<number | undefined>([404, 405, 501]);

/** True for an answer that means that there is no such route, from the source or from a server in between. */
export function isNoRoute(error: unknown): error is SourceUnavailable {
  return error instanceof SourceUnavailable && error.kind === 'foreign-answer' && NO_ROUTE.has(error.status);
}
