import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemInput,
  type BatchGetItemOutput,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
  type PutItemInput,
  type PutItemOutput,
  QueryCommand,
  type QueryInput,
  type QueryOutput,
  ScanCommand,
  type ScanInput,
  type ScanOutput,
} from '@aws-sdk/client-dynamodb';

export type { AttributeValue, DynamoDBClientConfig };

const commands = {
  BatchGetItem: BatchGetItemCommand,
  PutItem: PutItemCommand,
  Query: QueryCommand,
  Scan: ScanCommand,
};

/** The actions that a store calls: input and output of each. */
export type Actions = {
  BatchGetItem: { input: BatchGetItemInput; output: BatchGetItemOutput };
  PutItem: { input: PutItemInput; output: PutItemOutput };
  Query: { input: QueryInput; output: QueryOutput };
  Scan: { input: ScanInput; output: ScanOutput };
};

/** Makes one call of the DynamoDB API, without retries. Rejects with the SDK's errors. */
export type DynamoCall = <Action extends keyof Actions>(
  action: Action,
  input: Actions[Action]['input'],
  signal: AbortSignal,
) => Promise<Actions[Action]['output']>;

/** Milliseconds. DynamoDB answers in some 10 ms; a request that hangs is aborted and repeated. */
const TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };

/** 50 connections, as the SDK's own agents have. */
const AGENT = { keepAlive: true, maxSockets: 50 };

/**
 * Opens the SDK's client, without retries of its own: the store decides how often and how long to try (patience.ts).
 * After a call without an answer, all idle connections are closed. After a sandbox was frozen all of them are dead.
 * Trying them one after the other took ten seconds, or a minute.
 */
export function openDynamo(config: DynamoDBClientConfig = {}): { call: DynamoCall; close: () => void } {
  const agents = { httpAgent: new HttpAgent(AGENT), httpsAgent: new HttpsAgent(AGENT) };
  const client = new DynamoDBClient({ requestHandler: { ...TIMEOUTS, ...agents }, ...config, maxAttempts: 1 });

  function dropIdle(): void {
    for (const { freeSockets } of Object.values(agents))
      for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
  }

  return {
    call(action, input, abortSignal) {
      const command = new (commands[action] as typeof PutItemCommand)(input as PutItemInput);
      const answer = client.send(command, { abortSignal }) as Promise<never>;
      return answer.catch((error: { $metadata?: { httpStatusCode?: number } }) => {
        if (error.$metadata?.httpStatusCode === undefined) dropIdle();
        throw error;
      });
    },
    close: () => client.destroy(),
  };
}
