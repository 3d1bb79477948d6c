import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen as consumerListen } from '../../consumers/listen.ts';
import { queryApp } from '../../consumers/query/app.ts';
import { systemClock as consumerClock } from '../../consumers/runtime/system.ts';
import { serviceApi } from '../../consumers/service/service-api.ts';
import { listen as publisherListen } from '../../publisher/http/listen.ts';
import { systemClock as publisherClock } from '../../publisher/system.ts';
import { serviceDeps } from '../support/service-deps.ts';
import { until } from '../support/wait.ts';

type Limits = Parameters<typeof publisherListen>[4];

const sides = [
  ['the publisher', (app: Hono, limits: Limits) => publisherListen(app, 0, '127.0.0.1', publisherClock, limits)],
  ['a consumer', (app: Hono, limits: Limits) => consumerListen(app, 0, '127.0.0.1', consumerClock, limits)],
] as const;

test('a consumer answers TRACE as it answers whatever it does not know', async () => {
  const service = serviceApi(queryApp(), serviceDeps());
  const { port, close } = await consumerListen(service, 0, '127.0.0.1', consumerClock);
  onTestFinished(close);
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk));
  socket.write('TRACE /shops HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  await once(socket, 'close');
  expect(heard).toMatch(/^HTTP\/1\.1 404 .*Nothing answers TRACE \/shops here/s);
});

describe.each(sides)('the server of %s', (_, listen) => {
  /** A server that answers with the body it got, and what it says to bytes on a socket until it hangs up. */
  async function world(limits: Limits = {}) {
    let requests = 0;
    const app = new Hono().all('/', async (c) => {
      requests++;
      return c.text(await c.req.text());
    });
    const listening = await listen(app, limits);
    onTestFinished(() => listening.close());
    async function say(bytes: string) {
      const socket = connect(listening.port, '127.0.0.1');
      let heard = '';
      socket.on('data', (chunk) => (heard += chunk));
      socket.on('error', () => {});
      socket.write(bytes);
      await once(socket, 'close');
      return heard;
    }
    return { say, requests: () => requests };
  }

  const head = 'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n';

  test('answers a request whose headers are just small enough', async () => {
    const { say } = await world();
    expect(await say(`${head}x: ${'a'.repeat(7_900)}\r\ncontent-length: 2\r\n\r\nhi`)).toMatch(
      /^HTTP\/1\.1 200 .*hi$/s,
    );
  });

  test('refuses more than 8 KiB of headers, whatever they are', async () => {
    const { say, requests } = await world();
    for (const headers of [`x: ${'a'.repeat(8_200)}\r\n`, 'x: abcdefgh\r\n'.repeat(1_000)])
      expect(await say(`${head}${headers}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await say(`GET /${'a'.repeat(8_200)} HTTP/1.1\r\nhost: a\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(requests()).toBe(0);
  });

  test('hangs up on headers that never end', async () => {
    const { say, requests } = await world({ headersTimeout: 50, connectionsCheckingInterval: 10 });
    expect(await say(head)).toMatch(/^HTTP\/1\.1 408 /);
    expect(requests()).toBe(0);
  });

  test('hangs up on a body that never ends', async () => {
    const { say } = await world({ headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 10 });
    expect(await say(`${head}content-length: 9\r\n\r\nhi`)).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test('whoever reads nothing of what the publisher answers is cut off, and whoever reads on is not', async () => {
  const body = 'x'.repeat(16 * 1024 * 1024);
  const wasSent: Promise<boolean>[] = [];
  const app = new Hono<{ Bindings: { outgoing: ServerResponse } }>().get('/', (c) => {
    const { outgoing } = c.env;
    wasSent.push(once(outgoing, 'close').then(() => outgoing.writableFinished));
    return c.text(body);
  });
  const { port, close } = await publisherListen(app, 0, '127.0.0.1', publisherClock, { silence: 200 });
  onTestFinished(close);
  const ask = () => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    return socket;
  };
  const reading = ask().resume();
  await once(reading, 'close');
  ask().pause();
  await until(async () => wasSent.length === 2);
  expect(await Promise.all(wasSent)).toEqual([true, false]);
});
