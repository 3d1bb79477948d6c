import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLeanCall } from '../../../consumers/brokers/sqs/lean.ts';
import { openSdk, type SQSClientConfig } from '../../../consumers/brokers/sqs/sdk.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { httpServer, json, type Seen } from '../../support/http-server.ts';

const ok = { Messages: [{ MessageId: 'm', ReceiptHandle: 'h', Body: 'b' }] };

/** What SQS answers when it refuses (AWS JSON 1.0 protocol). */
const refuse = (response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}) =>
  json(response, status, { __type: `com.amazonaws.sqs#${code}`, message: `${code} staged` }, headers);

async function world(
  answer: (request: Seen, response: ServerResponse, n: number) => void,
  config: SQSClientConfig = {},
  path = '',
) {
  const { url, seen } = await httpServer(answer);
  const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
  const endpoint = `${url}${path}`;
  const sdk = openSdk({ endpoint, region: 'eu-west-1', credentials, retryMode: 'standard', ...config });
  const queueUrl = `${url}/000000000000/q`;
  const { call, close } = createLeanCall({ sdk, queueUrl, clock: systemClock });
  onTestFinished(close);
  const receive = (signal?: AbortSignal) => call('ReceiveMessage', { QueueUrl: queueUrl, WaitTimeSeconds: 0 }, signal);
  /** Who made each request: the SDK names itself. */
  const by = () => seen.map(({ headers }) => (headers['user-agent']?.includes('aws-sdk-js') ? 'sdk' : 'lean'));
  return { call, receive, seen, by, url };
}

describe('the lean client', () => {
  test('calls what the SDK would call, as it would', async () => {
    const { receive, seen, by } = await world((_, response) => json(response, 200, ok));
    expect(await receive()).toEqual(ok);
    expect(by()).toEqual(['lean']);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/',
      headers: {
        'x-amz-target': 'AmazonSQS.ReceiveMessage',
        'content-type': 'application/x-amz-json-1.0',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/sqs\/aws4_request, /,
        ),
      },
    });
  });

  test('sends the session token, and refreshed credentials when the SDK has them', async () => {
    let issued = 0;
    const credentials = async () => ({
      accessKeyId: `AKID${++issued}`,
      secretAccessKey: 'secret',
      sessionToken: `token${issued}`,
      // The first are as good as expired: the SDK asks again.
      expiration: new Date(issued === 1 ? Date.now() + 1_000 : Date.now() + 3_600_000),
    });
    const { receive, seen } = await world((_, response) => json(response, 200, ok), { credentials });
    await receive();
    await receive();
    const tokens = seen.map(({ headers }) => headers['x-amz-security-token']);
    expect(tokens.at(-1)).toBe(`token${issued}`);
    expect(issued).toBeGreaterThan(1);
    expect(seen.at(-1)?.headers.authorization).toContain(`AKID${issued}/`);
  });

  test('leaves what is not hot to the SDK', async () => {
    const { call, by, url } = await world((_, response) => json(response, 200, {}));
    await call('SendMessageBatch', { QueueUrl: `${url}/000000000000/q`, Entries: [{ Id: '0', MessageBody: 'b' }] });
    expect(by()).toEqual(['sdk']);
  });

  test('ends a long poll when it is stopped, without another try', async () => {
    const stopping = new AbortController();
    const { receive, seen } = await world(() => stopping.abort(new Error('stopping')));
    await expect(receive(stopping.signal)).rejects.toThrow('stopping');
    expect(seen).toHaveLength(1);
  });
});

describe('when a lean call fails, the SDK takes over', () => {
  test('throttled, with its own pauses, and the lean client goes on when it is over', async () => {
    const { receive, by } = await world((_, response, n) =>
      n <= 2 ? refuse(response, 400, 'ThrottlingException') : json(response, 200, ok),
    );
    expect(await receive()).toMatchObject(ok);
    await receive();
    expect(by()).toEqual(['lean', 'sdk', 'sdk', 'lean']);
  });

  test.each([
    ['500', (response: ServerResponse) => json(response, 500, {})],
    ['a reset connection', (response: ServerResponse) => void response.socket?.destroy()],
    ['an answer that is no JSON', (response: ServerResponse) => void response.end('<html>')],
  ])('after %s', async (_, misbehave) => {
    const { receive, by } = await world((_request, response, n) =>
      n === 1 ? misbehave(response) : json(response, 200, ok),
    );
    expect(await receive()).toMatchObject(ok);
    expect(by()).toEqual(['lean', 'sdk']);
  });

  test('and its error is the one that is thrown', async () => {
    const { receive } = await world((_, response) => refuse(response, 400, 'QueueDoesNotExist'));
    await expect(receive()).rejects.toMatchObject({ name: 'QueueDoesNotExist', message: 'QueueDoesNotExist staged' });
  });

  test('for an endpoint with a path of its own, every time', async () => {
    const { receive, seen, by } = await world((_, response) => json(response, 200, ok), {}, '/behind-a-proxy');
    await receive();
    await receive();
    expect(by()).toEqual(['sdk', 'sdk']);
    expect(new Set(seen.map(({ url }) => url))).toEqual(new Set(['/behind-a-proxy/']));
  });

  test('with an expired token it gives up as the SDK does', async () => {
    const { receive } = await world((_, response) => refuse(response, 403, 'ExpiredToken'));
    await expect(receive()).rejects.toMatchObject({ name: 'ExpiredToken' });
  });

  test('it finds our clock to be wrong, and the lean client signs with the right time from then on', async () => {
    const hour = 3_600_000;
    const timeOf = ({ headers }: Seen) => {
      const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? [];
      const [year = 0, month = 0, ...rest] = parts.map(Number);
      return Date.UTC(year, month - 1, ...(rest as [number, number, number, number]));
    };
    const { receive, by } = await world((request, response) => {
      const server = Date.now() + hour;
      const date = new Date(server).toUTCString();
      if (Math.abs(timeOf(request) - server) < 60_000) return json(response, 200, ok, { date });
      return refuse(response, 403, 'RequestTimeTooSkewed', { date });
    });
    expect(await receive()).toMatchObject(ok);
    expect(await receive()).toMatchObject(ok);
    expect(by()).toEqual(['lean', 'sdk', 'sdk', 'lean']);
  });
});

describe('where to call', () => {
  test('is what the environment tells the SDK', async () => {
    const before = process.env.AWS_ENDPOINT_URL_SQS;
    process.env.AWS_ENDPOINT_URL_SQS = 'http://sqs.example:4566';
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    const sdk = openSdk({ region: 'ap-northeast-2', credentials });
    expect(await sdk.target('http://sqs.example:4566/000000000000/q')).toEqual({
      origin: 'http://sqs.example:4566',
      path: '/',
      region: 'ap-northeast-2',
    });
    if (before === undefined) delete process.env.AWS_ENDPOINT_URL_SQS;
    else process.env.AWS_ENDPOINT_URL_SQS = before;
  });

  test("is the region's own endpoint otherwise", async () => {
    const sdk = openSdk({ region: 'ap-northeast-2', credentials: { accessKeyId: 'a', secretAccessKey: 's' } });
    const origin = 'https://sqs.ap-northeast-2.amazonaws.com';
    expect(await sdk.target(`${origin}/123456789012/q`)).toEqual({ origin, path: '/', region: 'ap-northeast-2' });
  });
});
