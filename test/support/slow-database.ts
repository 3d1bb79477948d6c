import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a database on which what holds `words` waits until it is let through; closed when the test is over. */
export async function slowDatabase(url: string, words: string) {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  const held: (() => void)[] = [];
  let isOpen = false;
  const server = createServer((client) => {
    const database = connect(Number(port), hostname);
    sockets.push(client, database);
    for (const socket of [client, database]) socket.on('error', () => {});
    database.pipe(client);
    client.on('data', (data) => {
      if (isOpen || !data.includes(words)) database.write(data);
      else held.push(() => database.write(data));
    });
    client.on('end', () => database.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const slow = new URL(url);
  slow.host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    url: slow.href,
    holds: () => held.length > 0,
    letThrough() {
      isOpen = true;
      for (const pass of held.splice(0)) pass();
    },
  };
}
