import { ask, isStandIn, type Read, readValue, Unreachable } from '../../infrastructure/aws/ask.ts';
import {
  DynamoDBClient,
  EventBridgeClient,
  GetCallerIdentityCommand,
  LambdaClient,
  STSClient,
} from '../../infrastructure/aws/more.ts';
import { openSqsClient, SNSClient } from '../../infrastructure/aws.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import type { ConsumerPlace } from '../../infrastructure/topology.ts';
import { readFunction, readRelay, readWakers } from './read-functions.ts';
import { readQueue } from './read-queues.ts';
import { readDatabase, readSource, type SourcePlace } from './read-surroundings.ts';
import { readTable } from './read-tables.ts';
import { listSubscriptions, readSubscription, readTopic } from './read-topic.ts';
import type { ConsumerState, Deployed, Expected } from './state.ts';

/** The system to check. Null and undefined mean that an address is not given. */
export type DoctorTarget = {
  client: BrokerClient;
  /** The endpoint of a stand-in; null for AWS itself. */
  endpoint: string | null;
  /** True if it is the local system of `npm start`. */
  isRunHere: boolean;
  topicArn?: string | undefined;
  source: SourcePlace | null;
  databaseUrl: string | null;
  clock: () => number;
};

type Clients = ReturnType<typeof openClients>;

function openClients(client: BrokerClient) {
  return {
    sns: new SNSClient(client),
    sqs: openSqsClient(client),
    sts: new STSClient(client),
    lambda: new LambdaClient(client),
    dynamo: new DynamoDBClient(client),
    events: new EventBridgeClient(client),
  };
}

/** Reads the deployed state, and changes nothing. Throws Unreachable if SNS or SQS does not answer. */
export async function readDeployed({ stage, topology, tables }: Expected, at: DoctorTarget): Promise<Deployed> {
  const clients = openClients(at.client);
  try {
    const { caller, skewMs } = await readCaller(clients.sts, at);
    const region = await regionOf(clients);
    const topicArn = at.topicArn ?? topicArnOf(caller, region, topology.topic);
    const topic = await readTopic(clients.sns, topicArn);
    const subscriptions = await listSubscriptions(clients.sns, topicArn);
    const read = (place: ConsumerPlace) => readConsumer(clients, place, tables[place.consumer]?.name, subscriptions);
    const states = await Promise.all(
      topology.consumers.map(async (place) => [place.consumer, await read(place)] as const),
    );
    return {
      flags: `--region ${region}${at.endpoint === null ? '' : ` --endpoint-url ${at.endpoint}`}`,
      isStandIn: isStandIn(at.endpoint),
      isRunHere: at.isRunHere,
      caller,
      skewMs,
      topic,
      subscriptions,
      consumers: Object.fromEntries(states),
      relay: await readRelay(clients.lambda, clients.events, `${stage}-publisher-relay`),
      source: at.source === null ? null : await readSource(at.source),
      database: at.databaseUrl === null ? null : await readDatabase(at.databaseUrl),
    };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

async function regionOf({ sns }: Clients): Promise<string> {
  const region = await ask(sns.config.region(), { vital: 'AWS' });
  return readValue(region) ?? '';
}

/** Reads the caller, and the difference of the clocks: each answer has the time of the service, to the second. */
async function readCaller(
  sts: STSClient,
  { clock, topicArn }: DoctorTarget,
): Promise<Pick<Deployed, 'caller' | 'skewMs'>> {
  let skewMs: Read<number> = { notChecked: 'the service does not tell its time' };
  sts.middlewareStack.add(
    (next) => async (request) => {
      const answer = await next(request);
      const said = Date.parse((answer.response as { headers?: Record<string, string> }).headers?.date ?? '');
      if (!Number.isNaN(said)) skewMs = { value: clock() - said };
      return answer;
    },
    { step: 'deserialize', name: 'read-clock' },
  );
  // If the topic is known, the rest can be read without the caller.
  const asking = topicArn === undefined ? { vital: 'STS' } : {};
  const read = await ask(sts.send(new GetCallerIdentityCommand({})), asking);
  if ('notChecked' in read) return { caller: read, skewMs };
  return { caller: { value: read.value?.Arn ?? '' }, skewMs };
}

/** Makes the ARN of the topic, with account and partition of the caller. */
function topicArnOf(caller: Read<string>, region: string, topic: string): string {
  if ('notChecked' in caller)
    throw new Unreachable(`STS: ${caller.notChecked}. The account is not known without STS. Set DOORBELL_TOPIC_ARN.`);
  const [, partition, , , account] = caller.value.split(':');
  return `arn:${partition}:sns:${region}:${account}:${topic}`;
}

async function readConsumer(
  { sqs, sns, lambda, dynamo }: Clients,
  place: ConsumerPlace,
  table: string | undefined,
  subscriptions: Deployed['subscriptions'],
): Promise<ConsumerState> {
  const [queue, deadLetterQueue, undeliveredQueue] = (await Promise.all(
    [place.queue, place.deadLetterQueue, place.undeliveredQueue].map(({ name }) => readQueue(sqs, name)),
  )) as [ConsumerState['queue'], ConsumerState['queue'], ConsumerState['queue']];
  const found = readValue(queue);
  const nowhere = 'notChecked' in queue ? queue : null;
  return {
    queue,
    deadLetterQueue,
    undeliveredQueue,
    subscription: found === null ? (nowhere ?? { value: null }) : await readSubscription(sns, subscriptions, found.arn),
    wakers: found === null ? (nowhere ?? { value: [] }) : await readWakers(lambda, found.arn),
    // In the template the function has the name of the queue.
    handler: await readFunction(lambda, place.queue.name),
    table: table === undefined ? { value: null } : await readTable(dynamo, table),
  };
}
