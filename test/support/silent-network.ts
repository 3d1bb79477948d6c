import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * The way to a server, by which nothing comes or goes any more from when it is told so: no end of a connection either. What was sent
 * meanwhile is lost for good.
 */
export async function silentNetwork(url: string) {
  const there = new URL(url);
  const sockets = new Set<Socket>();
  const unheard = new Set<Socket>();
  let isSilent = false;

  function pass(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on('error', () => {});
    from.on('data', (data) => {
      if (isSilent) unheard.add(from);
      else to.write(data);
    });
    from.on('close', () => void (isSilent || to.destroy()));
  }

  const server = createServer((near) => {
    const far = connect(Number(there.port), there.hostname);
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const here = new URL(url);
  here.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: here.href,
    fallSilent: () => {
      isSilent = true;
    },
    /** How many ends of a connection have spoken in vain. */
    unheard: () => unheard.size,
    speakAgain: () => {
      isSilent = false;
    },
    /** The same, and connections that spoke in vain are reset, as a firewall does that was started anew. */
    speakAndReset: () => {
      isSilent = false;
      for (const socket of sockets) socket.destroy();
    },
  };
}
