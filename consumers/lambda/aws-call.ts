import type { Environment } from '../../contracts/environment/unknown.ts';
import { type AwsService, type Credentials, createSigner } from '../brokers/sqs/sign.ts';
import { exchange, expectPresence } from '../runtime/source/exchange.ts';
import type { OpenHttp } from '../runtime/source/http-port.ts';
import type { Clock } from '../runtime/system.ts';

/**
 * Makes one call of an AWS service and returns its answer. Throws AwsRefused, or SourceUnavailable while the service is
 * away.
 */
export type AwsCall = (action: string, input: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** The service understood the call and refused it. */
export class AwsRefused extends Error {
  override name = 'AwsRefused';
  /** The error's name, as in `ResourceNotFoundException`. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** Settings of calls. */
export type AwsCallOptions = {
  service: AwsService;
  endpoint: string;
  region: string;
  /** Called for each call. Throws where there are no credentials. */
  credentials: () => Credentials;
  http: OpenHttp;
  clock: Clock;
};

const TARGET = { sqs: 'AmazonSQS', secretsmanager: 'secretsmanager' };

/** Milliseconds, in an invocation of some 30 s in all. */
const LIMITS = { attempt: 3_000, total: 6_000, tries: 3, firstPause: 50, longestPause: 1_000 };
/** 1 MiB: a secret has at most 64 KiB, and SQS answers ten entries. */
const MOST_BYTES = 1024 * 1024;
/** Maximum characters that an error repeats of an answer without a message. */
const MOST_TOLD = 200;

const never = new AbortController().signal;

/**
 * Makes calls by signed requests instead of the SDK. A handler calls two services besides DynamoDB, and the SDK's
 * clients for them would add 38 KB and 12 ms to its first invocation (docs/decisions/0023-http-in-a-function.md).
 */
export function createAwsCall({ service, endpoint, region, credentials, http: open, clock }: AwsCallOptions): AwsCall {
  const { origin, host } = new URL(endpoint);
  const sign = createSigner(service);
  const http = open(origin, clock);
  const read = expectPresence(clock);
  return async (action, input) => {
    const body = JSON.stringify(input);
    const target = `${TARGET[service]}.${action}`;
    const headers = sign({ host, region, target, body, credentials: credentials(), now: clock.now() });
    const request = { method: 'POST', path: '/', headers, body, mostBytes: MOST_BYTES } as const;
    const { status, body: text } = await exchange(request, read, { http, clock, limits: LIMITS }, never);
    const answer = parse(text);
    if (status === 200 && answer !== null) return answer;
    const { message, Message = text.slice(0, MOST_TOLD) } = answer ?? {};
    throw new AwsRefused(codeOf(answer ?? {}, status), String(message ?? Message));
  };
}

/**
 * Reads the code of an error: `com.amazonaws.sqs#QueueDoesNotExist` (AWS JSON protocol, "Operation error
 * serialization").
 */
function codeOf({ __type }: Record<string, unknown>, status: number): string {
  return typeof __type === 'string' ? __type.replace(/^.*#/, '') : `status ${status}`;
}

/**
 * Parses an answer; null if it is no JSON, such as a proxy's page. Even with status 200 such a page is no answer to the
 * call.
 */
function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** Reads the credentials that Lambda puts into a function's environment. Throws where they are missing. */
export function credentialsOf(environment: Environment): Credentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = environment;
  if (!accessKeyId || !secretAccessKey)
    throw new Error(
      'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: missing; Lambda sets them from the role of the function',
    );
  return { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }) };
}
