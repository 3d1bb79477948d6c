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

/** The services that deploying asks, and whose they are. */
export type Services = {
  account: Account;
  endpoint: string | null;
  /** What a command needs to reach the same place: the AWS command line and ours call it alike. */
  flags: string;
  cloudFormation: CloudFormationClient;
  s3: S3Client;
  lambda: LambdaClient;
  dynamo: DynamoDBClient;
  sqs: SQSClient;
  close: () => void;
};

/** Opens them, and asks who we are. Throws Unreachable. */
export async function openServices(client: BrokerClient, endpoint: string | null): Promise<Services> {
  const clients = {
    cloudFormation: new CloudFormationClient(client),
    // A stand-in has one name for all buckets.
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

/** What the AWS command line and ours need to reach a place. */
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
