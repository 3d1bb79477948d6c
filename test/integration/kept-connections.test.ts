import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen as consumerListen } from '../../consumers/listen.ts';
import { systemClock as consumerClock } from '../../consumers/runtime/system.ts';
import { type VirtualClock, virtualClock } from '../../consumers/testing/clock.ts';
import { consumerVariables } from '../../consumers/variables.ts';
import { listen as publisherListen } from '../../publisher/http/listen.ts';
import { systemClock as publisherClock } from '../../publisher/system.ts';
import { publisherVariables } from '../../publisher/variables.ts';

type Limits = Parameters<typeof publisherListen>[4];

const sides = [
  {
    side: 'the publisher',
    serve: (app: Hono, limits?: Limits, clock?: VirtualClock) =>
      publisherListen(app, 0, '127.0.0.1', clock ?? publisherClock, limits),
    variable: publisherVariables.DOORBELL_KEEP_ALIVE,
  },
  {
    side: 'a consumer',
    serve: (app: Hono, limits?: Limits, clock?: VirtualClock) =>
      consumerListen(app, 0, '127.0.0.1', clock ?? consumerClock, limits),
    variable: consumerVariables.DOORBELL_KEEP_ALIVE,
  },
];

/** The longest that a usual proxy keeps a connection to what stands behind it, in seconds, by its documentation. */
const proxies = [
  ['nginx, keepalive_timeout of an upstream', 60],
  ['an Application Load Balancer, idle timeout', 60],
  ['nginx, keepalive_timeout', 75],
] as const;

const app = () => new Hono().get('/healthz', (c) => c.json({ status: 'ok', asked: c.req.url }));

/** A client on one socket: says bytes and hears the next answer. */
async function socketTo(port: number) {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.setEncoding('utf8').on('error', () => {});
  await once(socket, 'connect');
  async function say(bytes: string): Promise<string> {
    socket.write(bytes);
    const [heard] = await once(socket, 'data');
    return heard;
  }
  return { socket, say, closed: once(socket, 'close') };
}

describe.each(sides)('the server of $side', ({ serve, variable }) => {
  async function world(limits?: Limits) {
    const listening = await serve(app(), limits);
    onTestFinished(() => listening.close());
    return listening;
  }

  const get = 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n';

  test.each(proxies)('keeps a connection longer than %s (%d s), and says so', async (_, seconds) => {
    const { port } = await world();
    const { say } = await socketTo(port);
    const [, kept] = /keep-alive: timeout=(\d+)/i.exec(await say(get)) ?? [];
    expect(Number(kept)).toBeGreaterThan(seconds);
    expect(kept).toBe(variable.default);
  });

  test('serves a proxy that keeps its connection on that one connection', async () => {
    const { port } = await world();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ports: (number | undefined)[] = [];
    for (let n = 0; n < 20; n++) {
      const sent = request({ port, path: '/healthz', agent }).end();
      const [answer] = await once(sent, 'response');
      ports.push(answer.socket.localPort);
      await once(answer.resume(), 'end');
    }
    expect(new Set(ports).size).toBe(1);
  });

  test('does not take a connection that rests for a request that is slow', async () => {
    const slow = { headersTimeout: 30, requestTimeout: 60, connectionsCheckingInterval: 10 };
    const { port } = await world({ ...slow, keepAliveTimeout: 60_000 });
    const resting = await socketTo(port);
    expect(await resting.say(get)).toMatch(/^HTTP\/1\.1 200 /);
    // Both began after the other rested, and were hung up on for being slow: it has rested for longer than either limit.
    const endless = await socketTo(port);
    expect(await endless.say('GET / HTTP/1.1\r\nhost: a\r\n')).toMatch(/^HTTP\/1\.1 408 /);
    const unfinished = await socketTo(port);
    expect(await unfinished.say('POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhi')).toMatch(/ 404 | 408 /);
    await unfinished.closed;
    expect(await resting.say(get)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('hangs up on a connection that rests for longer than was said', async () => {
    const { port } = await world({ keepAliveTimeout: 20 });
    const { say, closed } = await socketTo(port);
    await say(get);
    await closed;
  });

  test('hangs up at once on connections that rest when it stops, and waits for no clock', async () => {
    const listening = await serve(app(), {}, virtualClock());
    const { say, closed } = await socketTo(listening.port);
    await say(get);
    await Promise.all([listening.close(), closed]);
  });

  describe('answers a check', () => {
    test.each([
      ['of HTTP/1.0 without Host', 'GET /healthz HTTP/1.0\r\n\r\n', 'close'],
      ['of HTTP/1.0 with an empty Host', 'GET /healthz HTTP/1.0\r\nHost:\r\n\r\n', 'close'],
      ['of HTTP/1.0 with a query', 'GET /healthz?probe=1 HTTP/1.0\r\nUser-Agent: probe\r\n\r\n', 'close'],
      [
        'of HTTP/1.0 that keeps the connection',
        'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
        'keep-alive',
      ],
      ['of HTTP/1.0 at an absolute address', 'GET http://a.example/healthz HTTP/1.0\r\n\r\n', 'close'],
      ['by HEAD of HTTP/1.0', 'HEAD /healthz HTTP/1.0\r\n\r\n', 'close'],
      ['by HEAD of HTTP/1.1', 'HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n', 'keep-alive'],
      ['after empty lines', '\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n', 'close'],
      ['with an empty Host', 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n', 'keep-alive'],
      ['with a Host of blanks', 'GET /healthz HTTP/1.1\r\nHost: \t \r\n\r\n', 'keep-alive'],
      ['with an IPv6 address as Host', 'GET /healthz HTTP/1.1\r\nHost: [::1]:3000\r\n\r\n', 'keep-alive'],
      ['at an absolute address', 'GET http://a.example/healthz HTTP/1.1\r\nHost: b\r\n\r\n', 'keep-alive'],
      ['at an absolute address in capitals', 'GET HTTP://A.EXAMPLE/healthz HTTP/1.1\r\nHost: b\r\n\r\n', 'keep-alive'],
    ])('%s', async (_, bytes, connection) => {
      const { port } = await world();
      const { say } = await socketTo(port);
      const answer = await say(bytes);
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(answer.toLowerCase()).toContain(`\r\nconnection: ${connection}\r\n`);
      expect(answer.includes('"status":"ok"')).toBe(!bytes.startsWith('HEAD'));
    });

    test('and another on the same connection of HTTP/1.0, where it is to be kept', async () => {
      const { port } = await world();
      const { say } = await socketTo(port);
      const check = 'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
      for (let n = 0; n < 3; n++) expect(await say(check)).toMatch(/^HTTP\/1\.1 200 /);
    });
  });

  test.each([
    ['HTTP/1.1 without Host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['HTTP/1.1 at an absolute address without Host', 'GET http://a/healthz HTTP/1.1\r\n\r\n'],
    ['a Host that is none', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['a path that is none', 'GET healthz HTTP/1.0\r\n\r\n'],
    ['an absolute address of another kind', 'GET ftp://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('refuses %s', async (_, bytes) => {
    const { port } = await world();
    const { say } = await socketTo(port);
    expect(await say(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });
});
