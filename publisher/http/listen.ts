import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { KEEP_ALIVE } from '../keep-alive.ts';
import type { Clock } from '../system.ts';

/** A server that listens. `close` gives answers in flight two seconds to finish. */
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
  // Longer than a proxy keeps it: a proxy whose connection closes while it sends loses the request, and may not repeat
  // a POST.
  keepAliveTimeout: KEEP_ALIVE * 1_000,
  // 30 s without a byte in or out: a client that does not read its answer must not hold up others
  // (publisher/http/byte-budget.ts).
  silence: 30_000,
  // 1 s: by default Node checks for slow requests every 30 s, so that 10 s may become 40.
  connectionsCheckingInterval: 1_000,
};

/**
 * Host name for a request that states none. HTTP/1.0 needs no Host, and some load balancers check health with it. In
 * HTTP/1.1 Host may be empty; Node refuses a request without it (RFC 9112, 3.2).
 */
const NAMELESS = 'localhost';

/**
 * Makes the scheme lower case. Upper case means the same (RFC 9110, 4.2.3), but the adaptor knows an absolute target
 * only by a lower-case scheme.
 */
function lowerScheme(request: IncomingMessage): void {
  request.url = request.url?.replace(/^https?:/i, (scheme) => scheme.toLowerCase());
}

/** Serves an app; port 0 takes any free port. Throws PortTaken. */
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

/** 2 s for answers in flight; then the remaining connections are cut. */
const GRACE = 2_000;

async function close(server: Server, clock: Clock): Promise<void> {
  // Without this a client that keeps its connection busy would keep the server from ever stopping.
  server.prependListener('request', (_, response) => response.setHeader('connection', 'close'));
  const closed = new AbortController();
  void clock.sleep(GRACE, closed.signal).then(() => server.closeAllConnections());
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  closed.abort();
}
