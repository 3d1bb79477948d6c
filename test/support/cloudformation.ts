import type { ServerResponse } from 'node:http';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { flagsOf, type Services } from '../../localstack/operate/deploy/services.ts';
import { httpServer } from './http-server.ts';

/** What a staged event says: status, resource, reason. */
export type StagedEvent = readonly [status: string, resource: string, reason?: string];

/** How CloudFormation behaves. */
export type Staged = {
  /** The states that the stack has, one after the other; the last stays. Null: there is none. */
  states: (string | null)[];
  changeSet?: { status: string; reason?: string };
  /** Which events there are once the change set was executed, all at once. */
  events?: StagedEvent[];
  outputs?: Record<string, string>;
  /** Its parameter Stage. */
  stage?: string;
  /** Its other parameters. */
  parameters?: Record<string, string>;
  /** Whether nobody answers any more once the change set was executed. */
  isCutOff?: boolean;
  /** The buckets there are. */
  buckets?: string[];
};

const isOf = (action: string, body: string) => new RegExp(`(^|&)Action=${action}(&|$)`).test(body);

/** CloudFormation and S3 as a real HTTP server that answers as it is told, and what it was asked for. */
export async function stagedCloudFormation({
  states,
  changeSet = { status: 'CREATE_COMPLETE' },
  events = [],
  outputs = {},
  stage = 'prod',
  parameters = {},
  buckets = [],
  isCutOff = false,
}: Staged) {
  const actions: string[] = [];
  const { stored, deleted, answer: answerBucket } = stagedBuckets(buckets);
  const queue = [...states];
  let executed = false;
  const answers: Record<string, () => string> = {
    DescribeStacks() {
      const status = queue.length > 1 ? queue.shift() : queue[0];
      return status === null || status === undefined ? '' : stackXml(status, { Stage: stage, ...parameters }, outputs);
    },
    CreateChangeSet: () => '<Id>change-set</Id><StackId>stack</StackId>',
    DescribeChangeSet: () =>
      `<Status>${changeSet.status}</Status><StatusReason>${changeSet.reason ?? ''}</StatusReason><Changes><member><Type>Resource</Type><ResourceChange><Action>Add</Action><LogicalResourceId>Topic</LogicalResourceId><ResourceType>AWS::SNS::Topic</ResourceType></ResourceChange></member></Changes>`,
    ExecuteChangeSet() {
      executed = true;
      return '';
    },
    DeleteChangeSet: () => '',
    DeleteStack: () => '',
    GetCallerIdentity: () => '<Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/operator</Arn>',
    DescribeStackEvents: () =>
      `<StackEvents>${(executed ? events : []).map(eventXml).reverse().join('')}${eventXml(['REVIEW_IN_PROGRESS', 'stack'], -1)}</StackEvents>`,
  };
  const server = await httpServer(({ method, url, body }, response) => {
    if (new URL(url, 'http://s3').pathname !== '/') return answerBucket(method, url, response);
    const action = Object.keys(answers).find((name) => isOf(name, body)) ?? 'unknown';
    if (isCutOff && executed) return response.destroy();
    actions.push(action);
    const result = answers[action]?.() ?? '';
    if (action === 'DescribeStacks' && result === '') {
      response.writeHead(400, { 'content-type': 'text/xml' });
      return response.end(NO_STACK);
    }
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
  });
  return { actions, stored, deleted, services: servicesAt(server.url) };
}

/** Buckets that are there and empty; whatever is put is only noted, and so is what is deleted. */
function stagedBuckets(buckets: readonly string[]) {
  const stored: string[] = [];
  const deleted: string[] = [];
  function answer(method: string, url: string, response: ServerResponse): void {
    const { pathname, search } = new URL(url, 'http://s3');
    const path = pathname.replace(/\/$/, '');
    if (method === 'PUT') stored.push(`${path}${search}`.replace(/[?&]x-id=.*|=$/, ''));
    if (method === 'DELETE') deleted.push(path);
    const isThere = method === 'PUT' || buckets.some((bucket) => path === `/${bucket}`);
    response.writeHead(isThere ? 200 : 404).end(method === 'GET' ? NO_VERSIONS : '');
  }
  return { stored, deleted, answer };
}

const NO_VERSIONS = '<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>';

const NO_STACK =
  '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id doorbell-prod does not exist</Message></Error></ErrorResponse>';

function stackXml(status: string, parameters: Record<string, string>, outputs: Record<string, string>): string {
  const pairs = (kind: string, values: Record<string, string>) =>
    Object.entries(values)
      .map(([name, value]) => `<member><${kind}Key>${name}</${kind}Key><${kind}Value>${value}</${kind}Value></member>`)
      .join('');
  return `<Stacks><member><StackId>stack</StackId><StackName>doorbell-prod</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-11-24T00:00:00Z</CreationTime><Parameters>${pairs('Parameter', parameters)}</Parameters><Outputs>${pairs('Output', outputs)}</Outputs></member></Stacks>`;
}

function eventXml([status, resource, reason = '']: StagedEvent, n: number): string {
  const type = resource === 'stack' ? 'AWS::CloudFormation::Stack' : 'AWS::SQS::Queue';
  return `<member><StackId>stack</StackId><EventId>${n}</EventId><StackName>doorbell-prod</StackName><LogicalResourceId>${resource}</LogicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>${status}</ResourceStatus><ResourceStatusReason>${reason}</ResourceStatusReason><Timestamp>2026-11-24T00:00:00Z</Timestamp></member>`;
}

function servicesAt(endpoint: string): Services {
  const options = { endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const clients = {
    cloudFormation: new CloudFormationClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    lambda: new LambdaClient(options),
    dynamo: new DynamoDBClient(options),
    sqs: new SQSClient(options),
  };
  const close = () => Object.values(clients).forEach((client) => void client.destroy());
  onTestFinished(close);
  const account = { id: '111122223333', region: 'eu-west-1', partition: 'aws' };
  return { account, endpoint, flags: flagsOf(account.region, endpoint), ...clients, close };
}
