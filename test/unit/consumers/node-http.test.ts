import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { exchange } from '../../../consumers/runtime/source/exchange.ts';
import type { Http } from '../../../consumers/runtime/source/http-port.ts';
import { nodeHttp } from '../../../consumers/runtime/source/node-http.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { until } from '../../support/wait.ts';

const never = new AbortController().signal;
const get = { method: 'GET', path: '/', headers: {}, body: null } as const;
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n';

/** A server by hand, which says of each connection what it does with its n-th request. */
async function rawServer(onRequest: (socket: Socket, n: number, data: Buffer) => void) {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    let requests = 0;
    connections.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => onRequest(socket, ++requests, data));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      }),
  );
  const { port } = server.address() as { port: number };
  return { origin: `http://127.0.0.1:${port}`, connections };
}

function opened(http: Http): Http {
  onTestFinished(() => http.close());
  return http;
}

const bodies = async (http: Http, count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await http.send(get, { signal: never })).body));

test('a connection is used again', async () => {
  const { origin, connections } = await rawServer((socket) => socket.write(`${OK}\r\nok`));
  const http = opened(nodeHttp(origin, systemClock));
  for (let n = 0; n < 5; n++) expect((await http.send(get, {})).status).toBe(200);
  expect(connections).toHaveLength(1);
});

test('there are at most eight connections', async () => {
  const { origin, connections } = await rawServer((socket) => socket.write(`${OK}\r\nok`));
  await bodies(opened(nodeHttp(origin, systemClock)), 30);
  expect(connections).toHaveLength(8);
});

test('a request that meets kept connections which were all cut meanwhile is sent on a new one', async () => {
  let isFrozen = false;
  const { origin, connections } = await rawServer((socket, n) => {
    if (isFrozen && n > 1) socket.resetAndDestroy();
    else socket.write(`${OK}\r\nok`);
  });
  const http = opened(nodeHttp(origin, systemClock));
  await bodies(http, 3);
  isFrozen = true;
  expect(await bodies(http, 1)).toEqual(['ok']);
  expect(connections).toHaveLength(4);
});

test('a new connection that is cut is an error, and nothing is sent twice', async () => {
  let requests = 0;
  const { origin } = await rawServer((socket) => {
    requests++;
    socket.resetAndDestroy();
  });
  await expect(opened(nodeHttp(origin, systemClock)).send(get, {})).rejects.toThrow('ECONNRESET');
  expect(requests).toBe(1);
});

test('silence on a kept connection costs one try, not one for each of them', async () => {
  let isFrozen = false;
  const { origin, connections } = await rawServer((socket, n) => {
    if (!isFrozen || n === 1) socket.write(`${OK}\r\nok`);
  });
  const http = opened(nodeHttp(origin, systemClock));
  await bodies(http, 4);
  isFrozen = true;
  const request = { method: 'GET', path: '/', headers: {}, mostBytes: 100 } as const;
  const limits = { attempt: 100, tries: 2, firstPause: 0 };
  expect(await exchange(request, ({ body }) => body, { http, clock: systemClock, limits }, never)).toBe('ok');
  expect(connections).toHaveLength(5);
});

test.each([
  ['as long as the server says, less a second', 'keep-alive: timeout=5\r\n', 4_000],
  ['50 s where the server says nothing', '', 50_000],
])('a connection rests no longer than %s', async (_, hint, ms) => {
  const { origin, connections } = await rawServer((socket) => socket.write(`${OK}${hint}\r\nok`));
  const clock = virtualClock();
  const http = opened(nodeHttp(origin, clock));
  await http.send(get, {});
  await clock.advance(ms - 1);
  await http.send(get, {});
  expect(connections).toHaveLength(1);
  await clock.advance(ms);
  await http.send(get, {});
  expect(connections).toHaveLength(2);
});

test('a server that does not shake hands within two seconds is away', async () => {
  const { origin, connections } = await rawServer(() => {});
  const clock = virtualClock();
  const sent = opened(nodeHttp(origin.replace('http:', 'https:'), clock)).send(get, {});
  const failure = sent.catch((error: Error) => error.message);
  await until(() => connections.length === 1);
  await clock.advance(2_000);
  expect(await failure).toBe('not connected within 2000 ms');
});

test('an answer that is too long is cut off with its connection', async () => {
  const { origin, connections } = await rawServer((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(1_000)}`),
  );
  const http = opened(nodeHttp(origin, systemClock));
  await expect(http.send(get, { mostBytes: 500 })).rejects.toThrow('more than 500 bytes');
  await until(() => connections[0]?.destroyed);
});

test('a path that looks like another host stays a path', async () => {
  let line = '';
  const { origin } = await rawServer((socket, _, data) => {
    line = String(data).split('\r\n')[0] ?? '';
    socket.write(`${OK}\r\nok`);
  });
  await opened(nodeHttp(origin, systemClock)).send({ ...get, path: '//elsewhere.example/x' }, {});
  expect(line).toBe('GET //elsewhere.example/x HTTP/1.1');
});
