import { ask, isStandIn, Unreachable } from '../../infrastructure/aws/ask.ts';
import {
  CloudFormationClient,
  DynamoDBClient,
  GetCallerIdentityCommand,
  LambdaClient,
  S3Client,
  STSClient,
} from '../../infrastructure/aws/more.ts';
import { openSqsClient, type SQSClient } from '../../infrastructure/aws.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import type { Account } from './bucket.ts';

/** Clients of the services that deploying calls, with the account they belong to. */
export type Services = {
  account: Account;
  endpoint: string | null;
  /** Options that reach the same endpoint, for the AWS command line and for ours. */
  flags: string;
  cloudFormation: CloudFormationClient;
  s3: S3Client;
  lambda: LambdaClient;
  dynamo: DynamoDBClient;
  sqs: SQSClient;
  close: () => void;
};

/** Opens the clients and reads the account. Throws Unreachable. */
export async function openServices(client: BrokerClient, endpoint: string | null): Promise<Services> {
  const clients = {
    cloudFormation: new CloudFormationClient(client),
    // A stand-in has one host name for all buckets.
    s3: new S3Client({ ...client, forcePathStyle: isStandIn(endpoint) }),
    lambda: new LambdaClient(client),
    dynamo: new DynamoDBClient(client),
    sqs: openSqsClient(client),
  };
  const close = () => {
    for (const each of Object.values(clients)) each.destroy();
  };
  try {
    const account = await readAccount(client);
    return { account, endpoint, flags: flagsOf(account.region, endpoint), ...clients, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Writes the options that reach a region and endpoint, for the AWS command line and for ours. */
export const flagsOf = (region: string, endpoint: string | null): string =>
  `--region ${region}${endpoint === null ? '' : ` --endpoint-url ${endpoint}`}`;

async function readAccount(client: BrokerClient): Promise<Account> {
  const sts = new STSClient(client);
  try {
    const read = await ask(sts.send(new GetCallerIdentityCommand({})), { vital: 'STS' });
    if (!('value' in read)) throw new Unreachable(`STS: ${read.notChecked}`);
    const [, partition = 'aws'] = read.value?.Arn?.split(':') ?? [];
    return { id: read.value?.Account ?? '', region: await sts.config.region(), partition };
  } finally {
    sts.destroy();
  }
}
