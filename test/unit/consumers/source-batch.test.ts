import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSourceClient } from '../../../consumers/runtime/source/client.ts';
import { SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { httpServer, json, refuse, type Seen } from '../../support/http-server.ts';
import { smallClient as clientBy, transports } from '../../support/small-client.ts';
import { smallAgreement } from '../../support/small-consumer.ts';

const never = new AbortController().signal;

const resource = (id: string, version: number, name = id) => ({ status: 200, id, version, resource: { name } });
const idsOf = ({ body }: Seen) => (JSON.parse(body) as { resources: { id: string }[] }).resources.map(({ id }) => id);

describe.each(transports)('by %s', (_, http) => {
  const smallClient = (url: string) => clientBy(url, {}, http);

  describe('looking at many resources', () => {
    test('is one request, and each resource has an answer of its own', async () => {
      const answers = [
        { status: 503, id: 'e', version: 1 },
        { status: 410, id: 'd', version: 4 },
        { status: 404, id: 'c' },
        { status: 200, id: 'b', version: 2, resource: { wrong: true } },
        resource('a', 1),
      ];
      const { url, seen } = await httpServer((_, response) => json(response, 200, { resources: answers }));
      const looks = await smallClient(url).look(
        'abcde'.split('').map((id) => ({ id })),
        never,
      );
      expect(looks).toMatchObject([
        { kind: 'found', version: 1 },
        { kind: 'refused', error: { code: 'agreement-broken' } },
        { kind: 'missing' },
        { kind: 'gone', version: 4 },
        { kind: 'behind', version: 1 },
      ]);
      expect(seen).toMatchObject([{ method: 'POST', url: '/small/shops/batch' }]);
    });

    test('asks only for those the cache does not cover', async () => {
      const { url, seen } = await httpServer((request, response) =>
        json(response, 200, { resources: idsOf(request).map((id) => resource(id, 5)) }),
      );
      const client = smallClient(url);
      await client.look([{ id: 'a' }, { id: 'b' }], never);
      await client.look(
        [
          { id: 'a', minVersion: 5 },
          { id: 'b', minVersion: 6 },
          { id: 'c', minVersion: 1 },
        ],
        never,
      );
      expect(idsOf(seen[1] as Seen)).toEqual(['b', 'c']);
    });

    const wants = (ids: string) => [...ids].map((id) => ({ id }));

    test('a batch that is too large is asked by halves, and only the resource that is too large itself is refused', async () => {
      const nameOf = (id: string) => (id === 'd' ? 'D'.repeat(9_000_000) : id);
      const { url, seen } = await httpServer((request, response) => {
        const id = request.url.split('/').at(-1) ?? '';
        if (request.method === 'GET') return json(response, 200, { id, version: 1, resource: { name: nameOf(id) } });
        json(response, 200, { resources: idsOf(request).map((each) => resource(each, 1, nameOf(each))) });
      });
      const looks = await smallClient(url).look(wants('abcdefgh'), never);
      expect(looks.map(({ kind }) => kind).join()).toBe('found,found,found,refused,found,found,found,found');
      expect(seen.length).toBeLessThan(9);
    });

    test.each(['malformed-request', 'too-large', 'unsupported-media-type', 'invalid-request'] as const)(
      'a batch that is refused as %s is asked by halves',
      async (code) => {
        const { url } = await httpServer((request, response) => {
          if (request.method === 'GET')
            return json(response, 200, { id: request.url.split('/').at(-1), version: 1, resource: { name: 'x' } });
          const ids = idsOf(request);
          if (ids.length > 2) return refuse(response, code);
          json(response, 200, { resources: ids.map((id) => resource(id, 1)) });
        });
        const looks = await smallClient(url).look(wants('abcde'), never);
        expect(looks.map(({ kind }) => kind)).toEqual(['found', 'found', 'found', 'found', 'found']);
      },
    );

    test.each(['unauthorized', 'forbidden'] as const)(
      'a batch that is refused as %s is an outage that names the agreement, after one request',
      async (code) => {
        const { url, seen } = await httpServer((_, response) => refuse(response, code));
        await expect(smallClient(url).look(wants('abc'), never)).rejects.toMatchObject({
          kind: 'token-refused',
          message: expect.stringContaining('the token of agreement "small"'),
        });
        expect(seen).toHaveLength(1);
      },
    );

    test('a resource that a batch leaves out is asked for alone', async () => {
      const { url, seen } = await httpServer((request, response) => {
        if (request.method === 'POST') return json(response, 200, { resources: [resource('a', 1)] });
        const id = request.url.split('/').at(-1) ?? '';
        if (id === 'b') return refuse(response, 'resource-not-found');
        json(response, 200, { id, version: 2, resource: { name: id } });
      });
      expect(await smallClient(url).look(wants('abc'), never)).toMatchObject([
        { kind: 'found', version: 1 },
        { kind: 'missing' },
        { kind: 'found', version: 2 },
      ]);
      expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
    });

    describe.each<[string, (response: ServerResponse) => void]>([
      ['a problem document', (response) => refuse(response, 'not-found')],
      ['a page with 404', (response) => void response.writeHead(404).end('<html>Not Found')],
      ['405', (response) => json(response, 405, {})],
      ['501', (response) => json(response, 501, {})],
    ])('a source without a batch route, which says so by %s', (_, answer) => {
      const singles = (request: Seen, response: ServerResponse) => {
        const id = request.url.split('/').at(-1) ?? '';
        json(response, 200, { id, version: 1, resource: { name: id } });
      };

      test('is asked resource by resource, and for a batch again a minute after the third time', async () => {
        const clock = virtualClock();
        const { url, seen } = await httpServer((request, response) =>
          request.method === 'POST' ? answer(response) : singles(request, response),
        );
        const client = createSourceClient(smallAgreement, { url, clock, http });
        onTestFinished(() => client.close());
        const batches = () => seen.filter(({ method }) => method === 'POST').length;
        for (const [n, ids] of ['abc', 'def', 'ghi', 'jkl', 'mno'].entries()) {
          const looks = await client.look(wants(ids), never);
          expect(looks.map(({ kind }) => kind)).toEqual(['found', 'found', 'found']);
          expect(batches()).toBe(Math.min(n + 1, 3));
        }
        await clock.advance(60_000);
        await client.look(wants('pqr'), never);
        expect(batches()).toBe(4);
      });

      test('is away where it does not answer for one resource either', async () => {
        const { url } = await httpServer((_, response) => answer(response));
        await expect(smallClient(url).look(wants('abc'), never)).rejects.toBeInstanceOf(SourceUnavailable);
      });

      test('is asked for a batch at once where that was one answer of a proxy', async () => {
        const { url, seen } = await httpServer((request, response, n) => {
          if (n === 1) return answer(response);
          if (request.method === 'GET') return singles(request, response);
          json(response, 200, { resources: idsOf(request).map((id) => resource(id, 1)) });
        });
        const client = smallClient(url);
        await client.look(wants('abc'), never);
        await client.look(wants('def'), never);
        expect(seen.at(-1)).toMatchObject({ method: 'POST' });
      });
    });

    test('a resource that the source itself can not show harms no other', async () => {
      const { url } = await httpServer((_, response) =>
        json(response, 200, { resources: [resource('a', 1), { status: 500, id: 'b' }] }),
      );
      expect(await smallClient(url).look(wants('ab'), never)).toMatchObject([{ kind: 'found' }, { kind: 'failed' }]);
    });

    test('a validator never outlives its body', async () => {
      const { url, seen } = await httpServer((request, response, n) => {
        if (n === 1) return json(response, 200, { id: 'a', version: 7, resource: { name: 'A'.repeat(400) } });
        const { resources } = JSON.parse(request.body) as { resources: { id: string; have?: number }[] };
        json(response, 200, {
          resources: resources.map(({ id, have }) =>
            have === 7 ? { status: 304, id, version: 7 } : resource(id, 1, 'B'.repeat(400)),
          ),
        });
      });
      const client = createSourceClient(smallAgreement, { url, clock: systemClock, cacheBytes: 600, http });
      onTestFinished(() => client.close());
      await client.look([{ id: 'a' }], never);
      // The store holds version 5; the answer to b pushes a out of the cache before a's 304 is read.
      const looks = await client.look([{ id: 'b' }, { id: 'a', have: 5 }], never);
      expect(looks[1]).toMatchObject({ kind: 'found', version: 7 });
      expect(seen).toHaveLength(2);
    });

    test('more than a hundred are a mistake of the caller', async () => {
      const wants = Array.from({ length: 101 }, (_, n) => ({ id: `s${n}` }));
      await expect(smallClient('http://127.0.0.1:1').look(wants, never)).rejects.toThrow(RangeError);
    });
  });
});
