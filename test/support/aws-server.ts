import { httpServer } from './http-server.ts';
import { smallAws } from './small-aws.ts';

/** A small AWS behind HTTP, and the environment in which a function finds it; stopped when the test is over. */
export async function awsServer() {
  const aws = smallAws();
  const { url, connections } = await httpServer(({ headers, body }, response) => {
    const { status, type, body: text } = aws.answer(headers['x-amz-target']?.toString(), body);
    response.writeHead(status, { 'content-type': type });
    response.end(text);
  });
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'key-of-the-role',
    AWS_SESSION_TOKEN: 'session-of-the-role',
    DOORBELL_STAGE: 'test',
  };
  return { ...aws, url, environment, connections };
}

/** The ARN of a secret. */
export const secretArn = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`;

/** What Lambda says of an invocation that may take so long. */
export const lambdaContext = (remaining = 15_000) => ({ getRemainingTimeInMillis: () => remaining });

/** An event of SQS with these bodies, or with rings of these shops. */
export function sqsEvent(...rings: (string | { id: string; version?: number; type?: string })[]) {
  return {
    Records: rings.map((ring, n) => ({
      messageId: `m${n}`,
      receiptHandle: `r${n}`,
      body:
        typeof ring === 'string' ? ring : JSON.stringify({ id: ring.id, type: ring.type ?? 'shop.details-changed' }),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1764000000000' },
      messageAttributes:
        typeof ring === 'string' || ring.version === undefined
          ? {}
          : { version: { dataType: 'Number', stringValue: String(ring.version) } },
    })),
  };
}

type HttpFunction = (event: never, context?: never) => Promise<unknown>;
type More = { query?: string; body?: unknown; headers?: object };

/** A request as API Gateway hands it over (payload format 2.0). */
export function httpEvent(method: string, path: string, { query = '', body, headers = {} }: More = {}) {
  return {
    version: '2.0',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'shops.example', ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    requestContext: { http: { method, path }, domainName: 'shops.example' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

/** Sends a request to a function; what it answers in JSON. */
export async function request(invoke: HttpFunction, method: string, path: string, more: More = {}) {
  const answer = (await invoke(httpEvent(method, path, more) as never)) as { statusCode: number; body: string };
  return { status: answer.statusCode, body: JSON.parse(answer.body || '{}') as Record<string, unknown> };
}
