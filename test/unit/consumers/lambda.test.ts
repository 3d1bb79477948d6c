import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqsFunction } from '../../../consumers/lambda.ts';
import { queriesFunction } from '../../../consumers/lambda-queries.ts';
import { viewApi } from '../../../consumers/query/app.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { lambdaContext, request, secretArn, sqsEvent } from '../../support/aws-events.ts';
import { awsServer } from '../../support/aws-server.ts';
import { httpServer, json, type Seen } from '../../support/http-server.ts';
import { type SmallView, smallConsumer } from '../../support/small-consumer.ts';

const TOKEN = 'first-token-of-the-small-agreement';
const NEXT = 'next-token-of-the-small-agreement';
const part = { consumer: smallConsumer, indexes: {} };

const show = ({ method, url, body }: Seen, response: ServerResponse) => {
  const resource = (id: string) => ({ status: 200, id, version: 3, resource: { name: 'soup' } });
  if (method === 'GET') return json(response, 200, resource(url.split('/').at(-1) ?? ''));
  const { resources } = JSON.parse(body) as { resources: { id: string }[] };
  json(response, 200, { resources: resources.map(({ id }) => resource(id)) });
};

/** A function in a world of its own: AWS and the source behind HTTP, the views in memory. */
async function world({ accepts = () => TOKEN }: { accepts?: () => string } = {}) {
  const aws = await awsServer();
  aws.secrets.set(secretArn('token'), TOKEN);
  const source = await httpServer((request, response) => {
    if (request.headers.authorization === `Bearer ${accepts()}`) show(request, response);
    else json(response, 401, { detail: 'no' });
  });
  const store = openSqliteViewStore<SmallView>(':memory:');
  onTestFinished(() => store.close());
  const environment = {
    ...aws.environment,
    DOORBELL_QUEUE_URL: `${aws.url}/123456789012/small`,
    DOORBELL_DEAD_LETTER_QUEUE_URL: `${aws.url}/123456789012/small-dead-letters`,
    DOORBELL_SOURCE_URL: source.url,
    DOORBELL_SOURCE_TOKEN_SECRET_ARN: secretArn('token'),
    DOORBELL_TABLE: 'test-small-views',
  };
  const lines: string[] = [];
  let now = systemClock.now();
  const outside = {
    environment,
    openStore: () => store,
    print: (line: string) => void lines.push(line),
    clock: { ...systemClock, now: () => now },
  };
  const invoke = sqsFunction<{ name: string }, SmallView>(part, outside);
  return {
    aws,
    source,
    store,
    lines,
    outside,
    later: (ms: number) => {
      now += ms;
    },
    invoke: (...rings: Parameters<typeof sqsEvent>) => invoke(sqsEvent(...rings), lambdaContext()),
  };
}

const NONE = { batchItemFailures: [] };

describe('an SQS function', () => {
  test('makes no call before its first invocation, and reads its token once', async () => {
    const { aws, source, store, invoke } = await world();
    expect([aws.calls, source.seen]).toEqual([[], []]);
    expect(await invoke({ id: 'a', version: 3 })).toEqual(NONE);
    expect(await invoke({ id: 'b' })).toEqual(NONE);
    expect((await store.read(['a', 'b'])).map(({ version }) => version)).toEqual([3, 3]);
    expect(aws.calls).toEqual(['GetSecretValue']);
  });

  test('keeps connections, versions and answers from one invocation to the next', async () => {
    const { source, invoke } = await world();
    await invoke({ id: 'a', version: 3 });
    await invoke({ id: 'a', version: 2 });
    await invoke({ id: 'b', version: 1 });
    expect(source.seen.map(({ url }) => url)).toEqual(['/small/shops/a', '/small/shops/b']);
    expect(source.connections()).toBe(1);
  });

  test('that could not begin begins anew at the next invocation', async () => {
    const { aws, store, invoke } = await world();
    aws.fail('GetSecretValue', 'AccessDeniedException');
    await expect(invoke({ id: 'a' })).rejects.toThrow('AccessDeniedException: staged');
    aws.fail('GetSecretValue', null);
    expect(await invoke({ id: 'a' })).toEqual(NONE);
    expect(await store.read(['a'])).toHaveLength(1);
  });

  test.each([
    ['a line end', `${TOKEN}\n`],
    ['quotes', `"${TOKEN}"`],
    ['JSON', JSON.stringify({ token: TOKEN })],
  ])(
    'whose secret has %s around its token says so, buries nothing, and goes on when that is mended',
    async (_, secret) => {
      const { aws, source, store, invoke } = await world();
      aws.secrets.set(secretArn('token'), secret);
      const failure = invoke({ id: 'a' });
      await expect(failure).rejects.toThrow(
        /^The secret .* holds no token\. Set its SecretString to .*, without JSON and without a line end\.$/,
      );
      await expect(failure).rejects.not.toThrow(TOKEN);
      expect([aws.buried, source.seen]).toEqual([[], []]);
      aws.secrets.set(secretArn('token'), TOKEN);
      expect(await invoke({ id: 'a' })).toEqual(NONE);
      expect(await store.read(['a'])).toHaveLength(1);
    },
  );

  test('names every variable that is missing or malformed', async () => {
    const { outside } = await world();
    const environment = { ...outside.environment, DOORBELL_TABLE: '', DOORBELL_QUEUE_URL: 'small', AWS_REGION: '' };
    const invoke = sqsFunction(part, { ...outside, environment });
    await expect(invoke(sqsEvent(), lambdaContext())).rejects.toThrow(
      /DOORBELL_QUEUE_URL: .*\nDOORBELL_TABLE: missing; /,
    );
    const placeless = sqsFunction(part, { ...outside, environment: { ...outside.environment, AWS_REGION: '' } });
    await expect(placeless(sqsEvent(), lambdaContext())).rejects.toThrow('AWS_REGION: missing; ');
  });

  test('reads its token again when the source refuses it, and no ring is lost over a rotation', async () => {
    let accepted = TOKEN;
    const { aws, store, invoke } = await world({ accepts: () => accepted });
    await invoke({ id: 'a' });
    accepted = NEXT;
    aws.secrets.set(secretArn('token'), NEXT);
    expect(await invoke({ id: 'b' }, { id: 'c' })).toEqual(NONE);
    expect(await store.read(['b', 'c'])).toHaveLength(2);
    expect([aws.buried, aws.calls]).toEqual([[], ['GetSecretValue', 'GetSecretValue']]);
  });

  test('gives every ring back while its token is refused, and reads it again after half a minute only', async () => {
    const { aws, later, invoke } = await world({ accepts: () => NEXT });
    for (const id of ['a', 'b', 'c'])
      expect(await invoke({ id })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(aws.buried).toEqual([]);
    expect(aws.calls.filter((call) => call === 'GetSecretValue')).toHaveLength(2);
    later(30_000);
    await invoke({ id: 'd' });
    expect(aws.calls.filter((call) => call === 'GetSecretValue')).toHaveLength(3);
  });

  test('gives rings back while nobody knows whether the token is good', async () => {
    const { aws, invoke } = await world({ accepts: () => NEXT });
    await invoke();
    aws.fail('GetSecretValue', 'InternalServiceError');
    expect(await invoke({ id: 'a' })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(aws.buried).toEqual([]);
  });

  test('puts what is no notification into the dead-letter queue, and its neighbour into the views', async () => {
    const { aws, store, invoke } = await world();
    expect(await invoke('{"id":', { id: 'a' })).toEqual(NONE);
    expect(aws.buried.map(({ MessageBody }) => MessageBody)).toEqual(['{"id":']);
    expect(await store.read(['a'])).toHaveLength(1);
  });

  test('lets poison come again that could not be buried', async () => {
    const { aws, invoke } = await world();
    await invoke();
    aws.fail('SendMessageBatch', 'QueueDoesNotExist');
    expect(await invoke('{"id":')).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });

  test.each([
    ['a page', '<html>Sign in</html>'],
    ['nothing', ''],
    ['no word of it', '{}'],
  ])('lets poison come again where the dead-letter queue answers 200 with %s', async (_, body) => {
    const { outside } = await world();
    const proxy = await httpServer((_request, response) => void response.writeHead(200).end(body));
    const environment = { ...outside.environment, AWS_ENDPOINT_URL_SQS: proxy.url };
    const invoke = sqsFunction(part, { ...outside, environment });
    expect(await invoke(sqsEvent('{"id":'), lambdaContext())).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
  });

  test('tells CloudWatch how long it took and what was buried, and nothing of a body or a token', async () => {
    const { lines, invoke } = await world();
    await invoke({ id: 'a', version: 3 }, '{"id":"a","price":"planted-secret"}');
    const metrics = lines.map((line) => JSON.parse(line)).filter((line) => '_aws' in line);
    expect(metrics).toMatchObject([{ Stage: 'test', Consumer: 'small', DeadLettered: 1 }]);
    expect(lines.filter((line) => line.includes('buried'))).toHaveLength(1);
    for (const secret of ['planted-secret', TOKEN, 'key-of-the-role']) expect(lines.join()).not.toContain(secret);
  });
});

describe('a query function', () => {
  test('answers an event of API Gateway from its views', async () => {
    const { store, outside } = await world();
    await store.write([{ id: 'a', version: 2, view: { title: 'SOUP' } }]);
    const invoke = queriesFunction({ indexes: {}, queryApi: viewApi }, outside);
    expect(await request(invoke, 'GET', '/shops/a')).toEqual({
      status: 200,
      body: { id: 'a', version: 2, title: 'SOUP' },
    });
    expect((await request(invoke, 'GET', '/shops/nowhere')).status).toBe(404);
  });

  test('tells the log what failed, and not who asked', async () => {
    const { store, outside, lines } = await world();
    const read = () => Promise.reject(new Error('the table is planted-secret'));
    const invoke = queriesFunction(
      { indexes: {}, queryApi: viewApi },
      { ...outside, openStore: () => ({ ...store, read }) },
    );
    const { status, body } = await request(invoke, 'GET', '/shops/a');
    expect([status, JSON.stringify(body).includes('planted')]).toEqual([500, false]);
    expect(lines.join()).toContain('"kind":"query-failed"');
  });
});
