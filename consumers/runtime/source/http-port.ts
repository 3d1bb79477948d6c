import type { Clock } from '../system.ts';

/** One request as it goes out: `path` with its query, `headers` as they are sent. */
export type Outgoing = { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body: string | null };

/** An answer that was read to its end. */
export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** Limits of an answer. */
export type AnswerLimits = {
  /** Bytes of the body; a longer one is cut off with its connection. */
  mostBytes?: number;
  /** Ends the exchange, and its connection: there is no other limit in time but the one for connecting. */
  signal?: AbortSignal | undefined;
};

/**
 * What speaks HTTP with one origin, on connections that are kept: it follows no redirect and unpacks nothing. Two do,
 * consumers/runtime/source/undici-http.ts for throughput and consumers/runtime/source/node-http.ts with what Node has.
 */
export type Http = {
  /** Reads the whole answer. Rejects with AnswerTooLong, the signal's reason or the network's error. */
  send: (request: Outgoing, limits: AnswerLimits) => Promise<HttpAnswer>;
  /** Cuts off what is under way. */
  close: () => Promise<void>;
};

/** Opens HTTP to an origin, such as `https://shops.example`. No connection is made before the first request. */
export type OpenHttp = (origin: string, clock: Clock) => Http;

/** The body was longer than it may be. */
export class AnswerTooLong extends Error {
  override name = 'AnswerTooLong';
  readonly status: number;
  readonly contentType: string | undefined;
  constructor(status: number, mostBytes: number, contentType: string | string[] | undefined) {
    super(`the answer has more than ${mostBytes} bytes`);
    this.status = status;
    this.contentType = String(contentType ?? '');
  }
}

/** The text of a body that came in pieces. */
export function textOf(chunks: Buffer[]): string {
  return (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8');
}
