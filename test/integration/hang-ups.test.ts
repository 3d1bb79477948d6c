import { once } from 'node:events';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { listen as consumerListen } from '../../consumers/listen.ts';
import { queryApp } from '../../consumers/query/app.ts';
import { systemClock as consumerClock } from '../../consumers/runtime/system.ts';
import { serviceApi } from '../../consumers/service/service-api.ts';
import { adAgreement } from '../../contracts/shops/agreements/ad.ts';
import { listen as publisherListen } from '../../publisher/http/listen.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import { operatorToken, publisher, tokens } from '../support/publisher.ts';
import { serviceDeps } from '../support/service-deps.ts';

type Fetching = Pick<Hono, 'fetch'>;
type Listen = typeof consumerListen;

/** A client that says bytes to a service and hangs up, and what the service answered to nobody. */
async function hangUp(app: Fetching, listen: Listen, bytes: string, how: 'end' | 'resetAndDestroy') {
  const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'info')];
  const answers: number[] = [];
  const begun = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const watched = new Hono();
  watched.fetch = async (request, ...more) => {
    begun.resolve();
    const answer = await app.fetch(request, ...more);
    answers.push(answer.status);
    answered.resolve();
    return answer;
  };
  const listening = await listen(watched, 0, '127.0.0.1', consumerClock);
  onTestFinished(() => listening.close());
  const socket = connect(listening.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  await begun.promise;
  socket[how]();
  await answered.promise;
  expect(printed.map((each) => each.mock.calls)).toEqual([[], []]);
  for (const each of printed) each.mockRestore();
  return answers;
}

const head = (path: string, token: string) =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
const inPart = 'content-length: 100\r\n\r\n{"name":';
const inChunks = 'transfer-encoding: chunked\r\n\r\n8\r\n{"name":\r\n';
const inHalfAChunk = 'transfer-encoding: chunked\r\n\r\nff\r\n{"name":';
const inNoChunk = 'transfer-encoding: chunked\r\n\r\nzz\r\n{"name":';
const withKey = `idempotency-key: k1\r\n${inPart}`;
const { display = '' } = tokens;

describe.each(['end', 'resetAndDestroy'] as const)('a client that hangs up by %s', (how) => {
  test.each([
    ['in the middle of a command', head('/shops', operatorToken) + inPart],
    ['between the chunks of a command', head('/shops', operatorToken) + inChunks],
    ['within a chunk of a command', head('/shops', operatorToken) + inHalfAChunk],
    ['after a chunk that is none', head('/shops', operatorToken) + inNoChunk],
    ['in the middle of a body that nobody reads but for its key', head('/shops/a/open', operatorToken) + withKey],
    ['in the middle of a batch', head('/display/shops/batch', display) + inPart],
    ['between the chunks of a batch', head('/display/shops/batch', display) + inChunks],
    ['between the chunks of digests', head('/display/shops/digests', display) + inChunks],
  ])('%s is no error of the publisher', async (_, bytes) => {
    const { app, errors } = await publisher();
    expect(await hangUp(app, publisherListen, bytes, how)).toEqual([400]);
    expect(errors).toEqual([]);
  });

  test('before its answer, or in the middle of it, is none either', async () => {
    const { app, errors } = await publisher();
    for (const path of ['/openapi.json', '/docs', '/healthz', '/nowhere']) {
      const [status] = await hangUp(app, publisherListen, `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`, how);
      expect(status).toBeLessThan(500);
    }
    expect(errors).toEqual([]);
  });

  test('is no error of a source API that stands in a service of another kind', async () => {
    const faults: Error[] = [];
    const read = async () => [];
    const source = { read, readPage: read, select: (state: never) => state, tokens: null };
    const app = sourceRoutes(adAgreement, { ...source, onFault: (error) => faults.push(error) });
    expect(await hangUp(app, publisherListen, head('/ad/shops/batch', '-') + inChunks, how)).toEqual([400]);
    expect(faults).toEqual([]);
  });

  test('is no trouble of a consumer, whose queries may read a body', async () => {
    const told: string[] = [];
    const queries = queryApp().post('/search', async (c) => c.text(await c.req.text()));
    const app = serviceApi(queries, { ...serviceDeps(), observe: ({ kind }) => told.push(kind) });
    for (const rest of [inPart, inChunks])
      expect(await hangUp(app, consumerListen, head('/search', '-') + rest, how)).toEqual([400]);
    expect(told).toEqual([]);
  });
});

test('what really goes wrong while a client hangs up is told all the same', async () => {
  const { app, errors, pool } = await publisher();
  const fault = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  pool.query = (() => Promise.reject(fault)) as unknown as typeof pool.query;
  const bytes = 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n';
  expect(await hangUp(app, publisherListen, bytes, 'resetAndDestroy')).toEqual([503]);
  expect(errors).toEqual([fault]);
});
