import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Clock } from '../system.ts';
import { KEEP_ALIVE } from '../variables.ts';

/** A server that listens. `close` lets answers in flight finish, for two seconds. */
export type Listening = { port: number; close: () => Promise<void> };

/** The port is in use. */
export class PortTaken extends Error {
  override name = 'PortTaken';
  readonly port: number;
  constructor(port: number) {
    super(`Port ${port} is taken by another process.`);
    this.port = port;
  }
}

/** Against slow and oversized requests: headers within 10 s and 8 KiB, the request within 15 s. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  maxHeaderSize: 8 * 1024,
  // Longer than a proxy keeps it: one that is hung up on while it sends has lost the request, and may not send a POST again.
  keepAliveTimeout: KEEP_ALIVE * 1_000,
  // 30 s without a byte in or out: who reads nothing of an answer must not keep others from theirs (byte-budget.ts).
  silence: 30_000,
  // 1 s: Node looks for requests that are too slow every 30 s otherwise, so that 10 s may become 40.
  connectionsCheckingInterval: 1_000,
};

/**
 * Who we are to a request that doesn't say: HTTP/1.0 needs no Host, and some load balancers check by it; in HTTP/1.1 it
 * may be empty, and one that is missing is refused by Node (RFC 9112, 3.2).
 */
const NAMELESS = 'localhost';

/** A scheme is the same in upper case (RFC 9110, 4.2.3); the adaptor knows an absolute target by the lower one alone. */
function lowerScheme(request: IncomingMessage): void {
  request.url = request.url?.replace(/^https?:/i, (scheme) => scheme.toLowerCase());
}

/** Serves an app; port 0 takes any that is free. Throws PortTaken. */
export async function listen(
  // biome-ignore lint/suspicious/noExplicitAny: an app of any environment can be served
  app: Hono<any>,
  port: number,
  hostname: string,
  clock: Clock,
  limits: Partial<typeof LIMITS> = {},
): Promise<Listening> {
  const { silence, ...serverOptions } = { ...LIMITS, ...limits };
  const server = createAdaptorServer({ fetch: app.fetch, hostname: NAMELESS, serverOptions }) as Server;
  server.timeout = silence;
  server.prependListener('request', lowerScheme);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTaken(port) : error),
    );
    server.listen(port, hostname, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => close(server, clock),
  };
}

/** 2 s for answers in flight; then whoever still holds a connection is cut off. */
const GRACE = 2_000;

async function close(server: Server, clock: Clock): Promise<void> {
  // Without this a client that keeps its connection busy would keep us from ever stopping.
  server.prependListener('request', (_, response) => response.setHeader('connection', 'close'));
  const closed = new AbortController();
  void clock.sleep(GRACE, closed.signal).then(() => server.closeAllConnections());
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  closed.abort();
}
