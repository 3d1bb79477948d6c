import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Look } from '../../../consumers/runtime/source/client.ts';
import { SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import type { HttpLimits } from '../../../consumers/runtime/source/exchange.ts';
import { parseRetryAfter } from '../../../consumers/runtime/source/exchange.ts';
import type { ProblemCode } from '../../../contracts/wire/problem.ts';
import { httpServer, json, refuse } from '../../support/http-server.ts';
import { smallClient as clientBy, transports } from '../../support/small-client.ts';

const never = new AbortController().signal;

describe.each(transports)('by %s', (_, http) => {
  const smallClient = (url: string, limits?: Partial<HttpLimits>) => clientBy(url, limits, http);

  describe('looking at one resource', () => {
    test('asks with the token, for the version that was rung, uncompressed', async () => {
      const { url, seen } = await httpServer((_, response) =>
        json(response, 200, { id: 'a', version: 3, resource: { name: 'A' } }),
      );
      const looks = await smallClient(url).look([{ id: 'a', minVersion: 3, have: 2 }], never);
      expect(looks).toEqual([{ kind: 'found', version: 3, resource: { name: 'A' } }]);
      expect(seen).toMatchObject([
        {
          method: 'GET',
          url: '/small/shops/a',
          headers: {
            authorization: 'Bearer secret',
            'min-version': '3',
            'if-none-match': '"small.1.2"',
            'accept-encoding': 'identity',
          },
        },
      ]);
    });

    test('keeps only the agreed fields', async () => {
      const { url } = await httpServer((_, response) =>
        json(response, 200, { id: 'a', version: 1, resource: { name: 'A', owner: 'Kim' } }),
      );
      expect(await smallClient(url).look([{ id: 'a' }], never)).toEqual([
        { kind: 'found', version: 1, resource: { name: 'A' } },
      ]);
    });

    test.each<[ProblemCode, number | undefined, Look<unknown>]>([
      ['resource-not-found', undefined, { kind: 'missing' }],
      ['resource-gone', 5, { kind: 'gone', version: 5 }],
      ['behind', 1, { kind: 'behind', version: 1 }],
      // A replica that has never heard of the resource.
      ['behind', 0, { kind: 'behind', version: 0 }],
    ])('understands %s at version %s, and asks once', async (code, version, look) => {
      const { url, seen } = await httpServer((_, response) =>
        refuse(response, code, version === undefined ? {} : { version }),
      );
      expect(await smallClient(url).look([{ id: 'a', have: 2 }], never)).toEqual([look]);
      expect(seen).toHaveLength(1);
    });

    test('understands 304', async () => {
      const { url } = await httpServer((_, response) => response.writeHead(304).end());
      expect(await smallClient(url).look([{ id: 'a', have: 2 }], never)).toEqual([{ kind: 'unchanged', version: 2 }]);
    });

    test.each([
      ['another resource', { id: 'b', version: 1, resource: { name: 'B' } }],
      ['a missing field', { id: 'a', version: 1, resource: {} }],
      ['a version that is none', { id: 'a', version: 0, resource: { name: 'A' } }],
      ['a version that is a text', { id: 'a', version: '2', resource: { name: 'A' } }],
      ['a body of 2 MB', { id: 'a', version: 1, resource: { name: 'A'.repeat(2_000_000) } }],
    ])('refuses %s, and asks once', async (_, body) => {
      const { url, seen } = await httpServer((_request, response) => json(response, 200, body));
      const [look] = await smallClient(url).look([{ id: 'a' }], never);
      expect(look).toMatchObject({ kind: 'refused', error: { code: 'agreement-broken', status: 200 } });
      expect(seen).toHaveLength(1);
    });

    test.each(['application/json', 'text/html'])('a %s body that never ends is cut off', async (type) => {
      let sent = 0;
      const { url } = await httpServer((_, response) => {
        response.writeHead(200, { 'content-type': type });
        const chunk = '['.repeat(65_536);
        const fill = () => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length;
          response.once('drain', fill);
        };
        fill();
      });
      const look = smallClient(url, { tries: 1 }).look([{ id: 'a' }], never);
      // JSON is the source's own, if it is anybody's. A page is somebody else's, and no reason to bury a ring.
      const message = 'the answer has more than 1048576 bytes';
      if (type === 'text/html') await expect(look).rejects.toMatchObject({ kind: 'foreign-answer', message });
      else expect(await look).toMatchObject([{ kind: 'refused', error: { message } }]);
      expect(sent).toBeLessThan(64 * 1024 * 1024);
    });

    test('never unpacks a compressed body: a bomb is just an answer that is no JSON', async () => {
      const bomb = gzipSync(JSON.stringify({ id: 'a', version: 1, resource: { name: 'A'.repeat(20_000_000) } }));
      const { url } = await httpServer((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(bomb);
      });
      await expect(smallClient(url, { tries: 1 }).look([{ id: 'a' }], never)).rejects.toThrow('not JSON');
    });
  });

  describe('the cache of versioned answers', () => {
    test('answers a ring no newer than itself without a request', async () => {
      const { url, seen } = await httpServer((_, response) =>
        json(response, 200, { id: 'a', version: 7, resource: { name: 'A' } }),
      );
      const client = smallClient(url);
      await client.look([{ id: 'a', minVersion: 7 }], never);
      expect(await client.look([{ id: 'a', minVersion: 6 }], never)).toMatchObject([{ kind: 'found', version: 7 }]);
      expect(seen).toHaveLength(1);
    });

    test('never answers a ring that states no version', async () => {
      const { url, seen } = await httpServer((_, response, n) =>
        json(response, 200, { id: 'a', version: n, resource: { name: 'A' } }),
      );
      const client = smallClient(url);
      await client.look([{ id: 'a' }], never);
      expect(await client.look([{ id: 'a' }], never)).toMatchObject([{ version: 2 }]);
      expect(seen).toHaveLength(2);
    });

    test('turns a 304 back into the resource', async () => {
      const { url, seen } = await httpServer((_, response, n) =>
        n === 1 ? json(response, 200, { id: 'a', version: 7, resource: { name: 'A' } }) : response.writeHead(304).end(),
      );
      const client = smallClient(url);
      await client.look([{ id: 'a' }], never);
      expect(await client.look([{ id: 'a' }], never)).toEqual([{ kind: 'found', version: 7, resource: { name: 'A' } }]);
      expect(seen[1]?.headers['if-none-match']).toBe('"small.1.7"');
    });

    test('is not overwritten by an older answer', async () => {
      const { url, seen } = await httpServer((_, response, n) =>
        json(response, 200, { id: 'a', version: 8 - n, resource: { name: 'A' } }),
      );
      const client = smallClient(url);
      await client.look([{ id: 'a' }], never);
      await client.look([{ id: 'a' }], never);
      expect(await client.look([{ id: 'a', minVersion: 7 }], never)).toMatchObject([{ version: 7 }]);
      expect(seen).toHaveLength(2);
    });
  });

  describe('a source that is away', () => {
    test.each([408, 429, 500, 502, 503, 504])('%s is tried again, and then it works', async (status) => {
      const { url, seen } = await httpServer((_, response, n) =>
        n < 3 ? json(response, status, {}) : json(response, 200, { id: 'a', version: 1, resource: { name: 'A' } }),
      );
      expect(await smallClient(url).look([{ id: 'a' }], never)).toMatchObject([{ kind: 'found' }]);
      expect(seen).toHaveLength(3);
    });

    test('is given up after four tries', async () => {
      const { url, seen } = await httpServer((_, response) => json(response, 500, {}));
      await expect(smallClient(url).look([{ id: 'a' }], never)).rejects.toThrow(SourceUnavailable);
      expect(seen).toHaveLength(4);
    });

    test('when it asks for a longer pause than we have, it is given up at once', async () => {
      const { url, seen } = await httpServer((_, response) => json(response, 503, {}, { 'retry-after': '1000000000' }));
      await expect(smallClient(url).look([{ id: 'a' }], never)).rejects.toThrow('the source answers 503');
      expect(seen).toHaveLength(1);
    });

    test.each([
      ['connection reset', (response: import('node:http').ServerResponse) => void response.socket?.destroy()],
      ['headers that never come', () => {}],
      [
        'a body that stalls',
        (response: import('node:http').ServerResponse) =>
          void response.writeHead(200, { 'content-length': '100' }).write('{'),
      ],
      [
        'a body that drips',
        (response: import('node:http').ServerResponse) => {
          const drip = setInterval(() => response.write(' '), 20);
          response.on('close', () => clearInterval(drip));
        },
      ],
      [
        'JSON cut off',
        (response: import('node:http').ServerResponse) => void response.end('{"id":"a","version":1,"sho'),
      ],
      [
        'an HTML page',
        (response: import('node:http').ServerResponse) => void response.end('<html>Welcome to the hotel wifi'),
      ],
    ])('%s is an outage and no poison', async (_, misbehave) => {
      const { url } = await httpServer((_request, response) => misbehave(response));
      await expect(smallClient(url, { attempt: 100, total: 300, tries: 2 }).look([{ id: 'a' }], never)).rejects.toThrow(
        SourceUnavailable,
      );
    });

    test('a refused connection is an outage', async () => {
      const server = createServer().listen(0);
      const { port } = server.address() as { port: number };
      await new Promise((resolve) => server.close(resolve));
      await expect(smallClient(`http://127.0.0.1:${port}`).look([{ id: 'a' }], never)).rejects.toThrow(
        SourceUnavailable,
      );
    });

    test('stopping ends the call', async () => {
      const stopping = new AbortController();
      const { url } = await httpServer(() => stopping.abort(new Error('stopping')));
      await expect(smallClient(url).look([{ id: 'a' }], stopping.signal)).rejects.toThrow('stopping');
    });
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  test.each([
    ['5', 5_000],
    ['Thu, 01 Jan 2026 00:00:07 GMT', 7_000],
    ['-1', undefined],
    ['0', undefined],
    ['Wed, 31 Dec 2025 00:00:00 GMT', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });
});
