import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A name by which a database is found: it may point at another one from now on, as DNS does after a failover. */
export type DatabaseName = {
  url: string;
  /** Where new connections go from now on; to nobody where nothing is said. Those there are stay where they are. */
  pointAt: (url?: string) => void;
  /** Ends all connections. */
  cut: () => void;
};

/** Makes a name for a database, at a port if one is said; it is gone when the test is over. */
export async function databaseName(url: string, port = 0): Promise<DatabaseName> {
  let there: URL | null = new URL(url);
  const sockets = new Set<Socket>();

  function pass(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on('error', () => {});
    from.on('data', (data) => void to.write(data));
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  }

  const server = createServer((near) => {
    if (there === null) return near.destroy();
    const far = connect(Number(there.port), there.hostname);
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    server.close();
    cut();
  });
  const here = new URL(url);
  here.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: here.href,
    pointAt(other) {
      there = other === undefined ? null : new URL(other);
    },
    cut,
  };
}

/** A port at which nobody listens yet. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
