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

/** The actions a store calls: what each is given and answers. */
export type Actions = {
  BatchGetItem: { input: BatchGetItemInput; output: BatchGetItemOutput };
  PutItem: { input: PutItemInput; output: PutItemOutput };
  Query: { input: QueryInput; output: QueryOutput };
  Scan: { input: ScanInput; output: ScanOutput };
};

/** One call of the DynamoDB API, made once. Rejects with the SDK's errors. */
export type DynamoCall = <Action extends keyof Actions>(
  action: Action,
  input: Actions[Action]['input'],
  signal: AbortSignal,
) => Promise<Actions[Action]['output']>;

/** Milliseconds. DynamoDB answers in some ten; a request that hangs is given up and made again. */
const TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };

/** Opens the SDK's client. It tries once: how often and how long is the store's business (patience.ts). */
export function openDynamo(config: DynamoDBClientConfig = {}): { call: DynamoCall; close: () => void } {
  const client = new DynamoDBClient({ requestHandler: TIMEOUTS, ...config, maxAttempts: 1 });
  return {
    call(action, input, abortSignal) {
      const command = new (commands[action] as typeof PutItemCommand)(input as PutItemInput);
      return client.send(command, { abortSignal }) as Promise<never>;
    },
    close: () => client.destroy(),
  };
}
