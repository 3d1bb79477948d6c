import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Look } from '../../../consumers/runtime/source/client.ts';
import { SourceRefused, SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { readWord } from '../../../contracts/wire/own-word.ts';
import { type ProblemCode, problem, problems } from '../../../contracts/wire/problem.ts';
import { httpServer } from '../../support/http-server.ts';
import { smallClient, transports } from '../../support/small-client.ts';
import { lambdaHost, smallWorld, workerHost } from '../../support/worker.ts';

const never = new AbortController().signal;

/** Statuses that a proxy, a login, a firewall or a load balancer answers with. */
const STATUSES = [201, 204, 206, 301, 302, 307, 400, 401, 403, 404, 405, 407, 409, 410, 413, 418, 422, 451, 501, 511];
const AWAY = [408, 425, 429, 500, 502, 503, 504, 520];

/** Bodies that are nobody's word about a resource, each with the media types it may come with. */
const BODIES: Record<string, string> = {
  'no body': '',
  'a page': '<!doctype html><title>Sign in</title>',
  'plain text': 'Forbidden',
  'JSON of an API gateway': '{"message":"Forbidden"}',
  'JSON null': 'null',
  'a JSON list': '[]',
  'a problem of an unknown code': '{"type":"about:blank","title":"No","status":403,"code":"access-denied"}',
  'a problem without a code': '{"type":"about:blank","title":"Forbidden"}',
  'a code of our list with another status': JSON.stringify({
    ...problem('resource-gone', 'x'),
    status: 599,
    version: 3,
  }),
  'JSON cut off': '{"code":"resource-gone","ver',
  'a code that every object has': '{"code":"constructor"}',
  'a code of our list that points elsewhere': JSON.stringify({
    ...problem('invalid-request', 'x'),
    type: 'https://gw.example/e/1',
  }),
};
const TYPES = ['text/html; charset=utf-8', 'application/json', 'application/problem+json', ''];

describe("an answer that is not the source's own word", () => {
  test.each(Object.entries(BODIES))('is %s, whatever status and media type it has', (_, body) => {
    for (const status of [...STATUSES, ...AWAY])
      for (const contentType of [...TYPES, undefined])
        expect([status, contentType, readWord({ status, contentType, body }, problems).kind]).toEqual([
          status,
          contentType,
          'foreign',
        ]);
  });

  test('is every problem document that is sent as something else', () => {
    for (const code of Object.keys(problems) as ProblemCode[]) {
      const document = problem(code, 'x', { version: 3 });
      const answer = { status: document.status, body: JSON.stringify(document) };
      expect(readWord({ ...answer, contentType: 'Application/Problem+JSON; charset=utf-8' }, problems)).toMatchObject({
        kind: 'problem',
        problem: { code, version: 3 },
      });
      for (const contentType of ['text/html', 'application/json', 'application/problem+jsonp', undefined])
        expect(readWord({ ...answer, contentType }, problems).kind).toBe('foreign');
      expect(
        readWord({ ...answer, status: document.status + 1, contentType: 'application/problem+json' }, problems).kind,
      ).toBe('foreign');
    }
  });

  test('is 200 with anything but JSON', () => {
    for (const body of ['', '<html>', 'OK', '{"id":', '{} trailing', "{'id':1}"])
      expect(readWord({ status: 200, contentType: 'application/json', body }, problems).kind).toBe('foreign');
  });

  test("may begin with a byte order mark and stay the source's own", () => {
    expect(readWord({ status: 200, contentType: undefined, body: '\uFEFF{"a":1}' }, problems)).toEqual({
      kind: 'value',
      value: { a: 1 },
    });
  });
});

type Answer = { status: number; type: string; body: string; headers?: Record<string, string> };

const send = (response: ServerResponse, { status, type, body, headers = {} }: Answer) =>
  void response.writeHead(status, { ...(type && { 'content-type': type }), ...headers }).end(body);

const asProblem = (code: ProblemCode, more: { version?: number } = {}): Answer => {
  const document = problem(code, 'x', more);
  return { status: document.status, type: 'application/problem+json', body: JSON.stringify(document) };
};

/** What stands between consumer and source, or is the source and can't serve us: none of it is about one resource. */
const OUTAGES: [string, Answer, SourceUnavailable['kind']][] = [
  ['a page with 403', { status: 403, type: 'text/html', body: '<h1>Blocked</h1>' }, 'foreign-answer'],
  ['a page with 400', { status: 400, type: 'text/html', body: '<h1>Bad</h1>' }, 'foreign-answer'],
  ['a page with 404', { status: 404, type: 'text/html', body: '<h1>nginx</h1>' }, 'foreign-answer'],
  ['a page with 410', { status: 410, type: 'text/html', body: '<h1>Gone</h1>' }, 'foreign-answer'],
  ['a page with 200', { status: 200, type: 'text/html', body: '<h1>Wifi</h1>' }, 'foreign-answer'],
  ['other JSON with 200', { status: 200, type: 'application/json', body: '{"ok":true}' }, 'foreign-answer'],
  [
    'JSON that only resembles ours with 200',
    { status: 200, type: 'application/json', body: '{"id":"6f1c","resource":"/x/{id}","message":"ok"}' },
    'foreign-answer',
  ],
  ['JSON null with 200', { status: 200, type: 'application/json', body: 'null' }, 'foreign-answer'],
  [
    'a redirect to a login',
    { status: 302, type: 'text/html', body: '', headers: { location: '/login' } },
    'foreign-answer',
  ],
  ['nothing with 204', { status: 204, type: '', body: '' }, 'foreign-answer'],
  ['304 that nobody asked for', { status: 304, type: '', body: '' }, 'foreign-answer'],
  ["a gateway's 401", { status: 401, type: 'application/json', body: '{"message":"Unauthorized"}' }, 'foreign-answer'],
  ['407', { status: 407, type: 'text/html', body: 'proxy' }, 'foreign-answer'],
  ['a closed resource without its version', asProblem('resource-gone'), 'foreign-answer'],
  ['no such address', asProblem('not-found'), 'foreign-answer'],
  ['a problem that no source has', asProblem('idempotency-key-reused'), 'source-away'],
  ['unauthorized', asProblem('unauthorized'), 'token-refused'],
  ['forbidden', asProblem('forbidden'), 'token-refused'],
  ['too many requests', asProblem('too-many-requests'), 'source-away'],
  ['a broken source', asProblem('internal-error'), 'source-away'],
  ['a page with 502', { status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' }, 'source-away'],
];

describe.each(transports)('by %s', (_, http) => {
  const client = (url: string) => smallClient(url, { tries: 1 }, http);

  test.each(OUTAGES)(
    '%s is an outage for one resource, for many, for a page and for digests',
    async (_name, answer, kind) => {
      const { url } = await httpServer((_request, response) => send(response, answer));
      const source = client(url);
      await expect(source.look([{ id: 'a' }], never)).rejects.toMatchObject({ name: 'SourceUnavailable', kind });
      await expect(source.look([{ id: 'a' }, { id: 'b' }], never)).rejects.toMatchObject({ name: 'SourceUnavailable' });
      // What only one resource can be told is no word about all of them either.
      await expect(source.page('', never)).rejects.toBeInstanceOf(SourceUnavailable);
      await expect(source.digests([''], never)).rejects.toBeInstanceOf(SourceUnavailable);
    },
  );

  // What has no route is told by more than one answer: source-batch.test.ts.
  test.each(OUTAGES.filter(([, { status }]) => status !== 404))(
    '%s passes, and batches go on',
    async (_name, answer) => {
      const { url, seen } = await httpServer(({ method, body }, response, n) => {
        if (n === 1) return send(response, answer);
        const ids =
          method === 'GET'
            ? ['a']
            : (JSON.parse(body) as { resources: { id: string }[] }).resources.map(({ id }) => id);
        const resources = ids.map((id) => ({ status: 200, id, version: 1, resource: { name: id } }));
        send(response, {
          status: 200,
          type: 'application/json',
          body: JSON.stringify(method === 'GET' ? resources[0] : { resources }),
        });
      });
      const source = client(url);
      const wants = [{ id: 'a' }, { id: 'b' }];
      await expect(source.look(wants, never)).rejects.toBeInstanceOf(SourceUnavailable);
      expect((await source.look(wants, never)).map(({ kind }) => kind)).toEqual(['found', 'found']);
      expect(seen.map(({ method }) => method)).toEqual(['POST', 'POST']);
    },
  );

  test.each(['malformed-request', 'invalid-request', 'too-large', 'unsupported-media-type'] as const)(
    '%s is about one resource: it alone is refused',
    async (code) => {
      const { url } = await httpServer(({ method, url: path, body }, response) => {
        if (method === 'POST' && body.includes('"bad"')) return send(response, asProblem(code));
        if (path.endsWith('/bad')) return send(response, asProblem(code));
        const resource = (id: string) => ({ status: 200, id, version: 1, resource: { name: id } });
        const asked = method === 'GET' ? [] : (JSON.parse(body) as { resources: { id: string }[] }).resources;
        const value =
          method === 'GET'
            ? resource(path.split('/').at(-1) ?? '')
            : { resources: asked.map(({ id }) => resource(id)) };
        send(response, { status: 200, type: 'application/json', body: JSON.stringify(value) });
      });
      const looks = await client(url).look(
        ['a', 'b', 'bad', 'd'].map((id) => ({ id })),
        never,
      );
      expect(looks.map(({ kind }) => kind)).toEqual(['found', 'found', 'refused', 'found']);
    },
  );
});

describe.each([
  ['a worker', workerHost],
  ['a Lambda handler', lambdaHost],
])('with %s', (_, host) => {
  /** Twenty resources are rung while something else answers in the source's place. */
  async function during(fault: () => Promise<Look<{ name: string }>[]>) {
    const world = smallWorld({}, { host });
    const { look } = world.source;
    for (let n = 0; n < 20; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
    }
    world.source.look = fault;
    const running = world.start();
    await world.clock.advance(4_000);
    return {
      world,
      running,
      back: () => {
        world.source.look = look;
      },
    };
  }

  test.each([
    ['a page of a proxy', 'foreign-answer', 403],
    ['a refused token', 'token-refused', 401],
  ] as const)('%s buries nothing, alarms, and all is well within a minute of its end', async (_name, kind, status) => {
    const { world, running, back } = await during(async () => {
      throw new SourceUnavailable(`the source refuses (${status})`, { kind, status });
    });
    expect([world.queue.size(), world.queue.dead]).toEqual([20, []]);
    expect(world.count(kind)).toBeGreaterThan(0);
    if (running.health !== undefined)
      expect(running.health()).toMatchObject({
        isHealthy: kind !== 'token-refused',
        reason: expect.stringContaining(`the source refuses (${status})`),
      });
    back();
    await world.clock.advance(60_000);
    expect([world.queue.size(), world.queue.dead]).toEqual([0, []]);
    expect((await world.view('s7'))?.version).toBe(1);
    await Promise.all([running.stop(), world.clock.advance(60_000)]);
  });

  test('what the source says about one resource buries its ring alone', async () => {
    const { world, running } = await during(async () => {
      throw new SourceUnavailable('reset');
    });
    const refusal = new SourceRefused('source-refused', 422, 'the source answers 422');
    world.source.look = async (wants) =>
      wants.map(({ id }) =>
        id === 's3' ? { kind: 'refused', error: refusal } : { kind: 'found', version: 1, resource: { name: id } },
      );
    await world.clock.advance(60_000);
    expect(world.queue.dead.map(({ reason }) => reason)).toEqual(['source-refused']);
    expect(world.queue.size()).toBe(0);
    await Promise.all([running.stop(), world.clock.advance(60_000)]);
  });
});
