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

/** Where to look, and what there is to compare with; null and undefined are what nobody named. */
export type DoctorTarget = {
  client: BrokerClient;
  /** Where AWS's own aren't meant. */
  endpoint: string | null;
  /** Whether `npm start` runs it. */
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

/** Reads what is deployed, and changes nothing. Throws Unreachable where SNS or SQS can't be asked. */
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

/** Who asks, and how far the clocks are apart: the service says the time with every answer, to the second. */
async function readCaller(
  sts: STSClient,
  { clock, topicArn }: DoctorTarget,
): Promise<Pick<Deployed, 'caller' | 'skewMs'>> {
  let skewMs: Read<number> = { notChecked: 'the service says no time' };
  sts.middlewareStack.add(
    (next) => async (request) => {
      const answer = await next(request);
      const said = Date.parse((answer.response as { headers?: Record<string, string> }).headers?.date ?? '');
      if (!Number.isNaN(said)) skewMs = { value: clock() - said };
      return answer;
    },
    { step: 'deserialize', name: 'read-clock' },
  );
  // Where the topic is known, the rest can be read without knowing who asks.
  const asking = topicArn === undefined ? { vital: 'STS' } : {};
  const read = await ask(sts.send(new GetCallerIdentityCommand({})), asking);
  if ('notChecked' in read) return { caller: read, skewMs };
  return { caller: { value: read.value?.Arn ?? '' }, skewMs };
}

/** STS says account and partition. */
function topicArnOf(caller: Read<string>, region: string, topic: string): string {
  if ('notChecked' in caller)
    throw new Unreachable(`STS: ${caller.notChecked}. Without it the account is not known; set DOORBELL_TOPIC_ARN.`);
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
    // The template names the function as the queue.
    handler: await readFunction(lambda, place.queue.name),
    table: table === undefined ? { value: null } : await readTable(dynamo, table),
  };
}
