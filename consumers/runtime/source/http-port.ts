import type { Clock } from '../system.ts';

/** One request as it is sent: `path` with its query, and all headers. */
export type Outgoing = { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body: string | null };

/** An answer that was read to its end. */
export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** Limits of an answer. */
export type AnswerLimits = {
  /** Maximum bytes of the body; a longer one is cut off, and its connection is closed. */
  mostBytes?: number;
  /** Ends the exchange and closes its connection. The only other time limit is the one for connecting. */
  signal?: AbortSignal | undefined;
};

/**
 * HTTP to one origin on connections that stay open. It follows no redirect and decompresses nothing. There are two
 * implementations: consumers/runtime/source/undici-http.ts for throughput, and consumers/runtime/source/node-http.ts
 * with Node's own client.
 */
export type Http = {
  /** Reads the whole answer. Rejects with AnswerTooLong, the signal's reason or the network's error. */
  send: (request: Outgoing, limits: AnswerLimits) => Promise<HttpAnswer>;
  /** Aborts requests in flight and closes all connections. */
  close: () => Promise<void>;
};

/** Opens HTTP to an origin, such as `https://shops.example`. It connects at the first request. */
export type OpenHttp = (origin: string, clock: Clock) => Http;

/** The body was longer than allowed. */
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

/** Decodes a body that came in pieces. */
export function decodeBody(chunks: Buffer[]): string {
  return (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8');
}
