import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import type { MessageAttributes } from '../../../contracts/wire/attributes.ts';
import type { Credentials } from './sign.ts';

export type { SQSClientConfig };

/** A message in the format of SQS (Amazon SQS API, Message). */
export type SqsMessage = {
  MessageId?: string;
  ReceiptHandle?: string;
  Body?: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: MessageAttributes;
};

/** Answers of the calls that a consumer makes. */
export type SqsAnswer = {
  Messages?: SqsMessage[] | null;
  Successful?: { Id?: string }[] | null;
  Failed?: { Id?: string; Code?: string }[] | null;
};

const commands = {
  ReceiveMessage: ReceiveMessageCommand,
  DeleteMessageBatch: DeleteMessageBatchCommand,
  ChangeMessageVisibilityBatch: ChangeMessageVisibilityBatchCommand,
  SendMessageBatch: SendMessageBatchCommand,
};

/** The actions that a consumer calls. */
export type SqsAction = keyof typeof commands;

/** Makes one call of the SQS API. Rejects with the SDK's errors. */
export type SqsCall = (action: SqsAction, input: Record<string, unknown>, signal?: AbortSignal) => Promise<SqsAnswer>;

/** Address of a request, and the region that it is signed for. */
export type Target = { origin: string; path: string; region: string };

/** The SDK's client: its calls, and the address, credentials and clock that it would use. */
export type Sdk = {
  call: SqsCall;
  /** Finds the address and region that the SDK would use for calls about this queue. */
  target: (queueUrl: string) => Promise<Target>;
  /** Credentials by the SDK's own chain, which caches and refreshes them. */
  credentials: () => Promise<Credentials>;
  /** Milliseconds by which the SDK found our clock to be wrong. */
  clockOffset: () => number;
  close: () => void;
};

/** Milliseconds. A long poll of 20 s answers within 30; a call that hangs is aborted and repeated. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/** Opens the SDK's client. No other file of the consumers imports the SDK. */
export function openSdk(config: SQSClientConfig = {}): Sdk {
  const client = openSqsClient({ md5: false, requestHandler: TIMEOUTS, ...config });
  return {
    call(action, input, signal) {
      const command = new (commands[action] as typeof ReceiveMessageCommand)(input as never);
      return client.send(command, { ...(signal && { abortSignal: signal }) }) as Promise<SqsAnswer>;
    },
    target: (queueUrl) => ask(config, queueUrl),
    credentials: () => client.config.credentials(),
    clockOffset: () => client.config.systemClockOffset,
    close: () => client.destroy(),
  };
}

/**
 * Opens the SDK's client as all of Doorbell calls SQS. It calls the endpoint that is configured (by code, variable,
 * profile, or as FIPS or dual stack). Without one it calls the host in the queue's URL, such as a VPC endpoint. The SDK
 * by itself prefers that host to AWS_ENDPOINT_URL, although an emulator may name a host that can't be resolved, and it
 * then writes a warning to the console.
 */
export function openSqsClient(config: SQSClientConfig = {}): SQSClient {
  const client = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  const rules = client.config.endpointProvider;
  const derived = new WeakSet<object>();
  client.config.endpointProvider = (asked, context) => {
    const endpoint = rules(asked, context);
    if (!(asked.Endpoint || asked.UseFIPS || asked.UseDualStack)) derived.add(endpoint);
    return endpoint;
  };
  const hostOfTheQueue = (next: (args: Asked) => unknown, context: { endpointV2?: { url: URL } }) => (args: Asked) => {
    const { endpointV2 } = context;
    const { QueueUrl = '' } = args.input;
    if (endpointV2 !== undefined && derived.has(endpointV2) && URL.canParse(QueueUrl))
      context.endpointV2 = { ...endpointV2, url: new URL(new URL(QueueUrl).origin) };
    return next(args);
  };
  const place = { name: 'hostOfTheQueue', relation: 'after', toMiddleware: 'endpointV2Middleware' } as const;
  client.middlewareStack.addRelativeTo(hostOfTheQueue as never, place);
  return client;
}

type Asked = { input: { QueueUrl?: string } };

/**
 * Finds the address whatever endpoint rules, variables and profiles apply: it lets the SDK build a request and inspects
 * it.
 */
async function ask(config: SQSClientConfig, queueUrl: string): Promise<Target> {
  let seen: SdkRequest | null = null;
  const handle = async (request: SdkRequest): Promise<never> => {
    seen = request;
    throw new Error('looked at, not sent');
  };
  const client = openSqsClient({ ...config, maxAttempts: 1, requestHandler: { handle } as never });
  const failure = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl })).catch((error: Error) => error);
  client.destroy();
  if (seen === null) throw failure;
  const { protocol, hostname, port, path, headers } = seen as SdkRequest;
  const [, region = ''] = /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  return { origin: `${protocol}//${hostname}${port ? `:${port}` : ''}`, path, region };
}

type SdkRequest = {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  headers: Record<string, string>;
};
