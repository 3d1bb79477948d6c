import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Clock } from './system.ts';

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
  keepAliveTimeout: 5_000,
  // 1 s: Node looks for requests that are too slow every 30 s otherwise, so that 10 s may become 40.
  connectionsCheckingInterval: 1_000,
};

/** Serves an app; port 0 takes any that is free. Throws PortTaken. */
export async function listen(
  // biome-ignore lint/suspicious/noExplicitAny: an app of any environment can be served
  app: Hono<any>,
  port: number,
  hostname: string,
  clock: Clock,
  limits: Partial<typeof LIMITS> = {},
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { ...LIMITS, ...limits } }) as Server;
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
