import { adAgreement } from '../../contracts/shops/agreements/ad.ts';
import { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import { placeSettings } from '../../localstack/infrastructure/settings.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import { topicResources } from '../../localstack/infrastructure/template/topic.ts';
import type { ConsumerPlace, QueueSpec, Topology } from '../../localstack/infrastructure/topology.ts';
import { type Diagnosis, diagnose } from '../../localstack/operate/doctor/diagnose.ts';
import { expectedOf } from '../../localstack/operate/doctor/expected.ts';
import type {
  ConsumerState,
  Deployed,
  Expected,
  PolicyState,
  PolicyStatement,
  QueueState,
  WakerState,
} from '../../localstack/operate/doctor/state.ts';

/** Two consumers, however many there are: the doctor counts what it has looked at. */
const agreements = [displayAgreement, adAgreement];

/** A filter as display's should be, as text. */
export const displayFilter = JSON.stringify(shopTopologyOf('shop', { agreements }).consumers[0]?.filterPolicy);

const ACCOUNT = '111122223333';
export const TOPIC_ARN = `arn:aws:sns:eu-west-1:${ACCOUNT}:shop-shops`;
export const arnOf = (queue: string) => `arn:aws:sqs:eu-west-1:${ACCOUNT}:${queue}`;
export const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${name}`;
export const urlOf = (queue: string) => `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/${queue}`;

/** What should be there, with a table for display. */
export function expectedDeployment(): Expected {
  return {
    ...expectedOf('shop', { isRunHere: false, endpoint: null, client: {} }),
    topology: shopTopologyOf('shop', { agreements }),
    tables: { display: { name: 'shop-display-views', timeToLive: 'expiresAt', indexes: ['category', 'city'] } },
    tombstoneSeconds: 30 * 86_400,
  };
}

/** A deployment on AWS in which everything is as it should be, with a function that display's queue wakes. */
export function rightDeployment({ topology }: Expected): Deployed {
  return {
    flags: '--region eu-west-1',
    isStandIn: false,
    isRunHere: false,
    caller: { value: `arn:aws:iam::${ACCOUNT}:user/operator` },
    skewMs: { value: 120 },
    topic: { value: { arn: TOPIC_ARN, encrypted: true, policy: topicPolicy() } },
    subscriptions: {
      value: topology.consumers.map(({ consumer, queue }) => ({
        arn: `${TOPIC_ARN}:${consumer}`,
        protocol: 'sqs',
        endpoint: arnOf(queue.name),
      })),
    },
    consumers: Object.fromEntries(topology.consumers.map((place) => [place.consumer, consumerState(place, topology)])),
    relay: {
      value: {
        name: 'shop-publisher-relay',
        arn: functionArn('shop-publisher-relay'),
        schedules: { value: [{ name: 'every-minute', enabled: true }] },
        reservedConcurrency: { value: 2 },
      },
    },
    source: { url: 'https://shops.example', health: { value: 200 }, tokens: { display: { value: 200 } } },
    database: { value: { pending: [], unknown: [], changed: [] } },
  };
}

/** The policy that the template says, with its parts filled in as CloudFormation does. */
function topicPolicy(): PolicyState {
  const { TopicPolicy } = topicResources('x', { relayRole: 'Relay' });
  return JSON.parse(JSON.stringify(TopicPolicy?.Properties.PolicyDocument, (_, value) => filledIn(value)));
}

/** A value of the template, as CloudFormation would put it. */
function filledIn(value: Record<string, string[]> | null): unknown {
  const { Ref, 'Fn::GetAtt': at, 'Fn::Sub': text, 'Fn::If': choice } = value ?? {};
  if (choice !== undefined) return filledIn(choice[1] as never);
  if (Ref !== undefined)
    return { Topic: TOPIC_ARN, 'AWS::AccountId': ACCOUNT }[String(Ref)] ?? `arn:aws:iam::${ACCOUNT}:role/publisher`;
  if (at !== undefined) return `arn:aws:iam::${ACCOUNT}:role/${at[0]}`;
  return text === undefined ? value : `arn:aws:iam::${ACCOUNT}:root`;
}

function consumerState(place: ConsumerPlace, topology: Topology): ConsumerState {
  const isFunction = place.consumer === 'display';
  const { policies } = placeSettings(place, topology, {
    topic: TOPIC_ARN,
    account: ACCOUNT,
    queue: arnOf(place.queue.name),
    deadLetterQueue: arnOf(place.deadLetterQueue.name),
    undeliveredQueue: arnOf(place.undeliveredQueue.name),
  });
  const queue = queueState(place.queue, {
    policy: structuredClone(policies.queue) as QueueState['policy'],
    redrive: { deadLetterTargetArn: arnOf(place.deadLetterQueue.name), maxReceiveCount: 1_000 },
    visibilitySeconds: isFunction ? 60 : 30,
  });
  const sourceQueueArns = [arnOf(place.queue.name)];
  return {
    queue: { value: queue },
    deadLetterQueue: {
      value: queueState(place.deadLetterQueue, {
        policy: structuredClone(policies.deadLetterQueue) as QueueState['policy'],
        redriveAllow: { redrivePermission: 'byQueue', sourceQueueArns },
      }),
    },
    undeliveredQueue: {
      value: queueState(place.undeliveredQueue, {
        policy: structuredClone(policies.undeliveredQueue) as QueueState['policy'],
      }),
    },
    subscription: {
      value: {
        arn: `${TOPIC_ARN}:${place.consumer}`,
        confirmed: true,
        raw: true,
        filterScope: 'MessageBody',
        filterPolicy: structuredClone(place.filterPolicy),
        deadLetterTargetArn: arnOf(place.undeliveredQueue.name),
      },
    },
    wakers: { value: isFunction ? [{ ...wakerState }] : [] },
    handler: { value: isFunction ? functionArn(place.queue.name) : null },
    table: { value: isFunction ? { timeToLive: { value: 'expiresAt' }, indexes: ['category', 'city'] } : null },
  };
}

const wakerState: WakerState = {
  id: 'mapping-1',
  functionName: 'shop-display',
  enabled: true,
  reportsFailures: true,
  isFiltered: false,
  maximumConcurrency: 5,
  timeoutSeconds: { value: 10 },
  reservedConcurrency: { value: 5 },
};

function queueState({ name, visibilitySeconds, retentionSeconds }: QueueSpec, more: Partial<QueueState>): QueueState {
  return {
    url: urlOf(name),
    arn: arnOf(name),
    visibilitySeconds,
    retentionSeconds,
    encryption: 'kms',
    delaySeconds: 0,
    policy: null,
    redrive: null,
    redriveAllow: null,
    messages: 0,
    ...more,
  };
}

/** What is found where something was changed in a deployment that was right. */
export function found(change: (deployed: Deployed, expected: Expected) => void): Diagnosis {
  const expected = expectedDeployment();
  const deployed = rightDeployment(expected);
  change(deployed, expected);
  return diagnose(deployed, expected);
}

/** What was read; throws where it isn't there. */
export const valueIn = <Value>(read: { value: Value | null } | { notChecked: string }): Value => {
  if (!('value' in read) || read.value === null) throw new Error('it is not there');
  return read.value;
};
export const display = ({ consumers }: Deployed) => consumers.display as ConsumerState;
export const queue = (deployed: Deployed): QueueState => valueIn(display(deployed).queue);
export const dead = (deployed: Deployed): QueueState => valueIn(display(deployed).deadLetterQueue);
export const undelivered = (deployed: Deployed): QueueState => valueIn(display(deployed).undeliveredQueue);
export const subscription = (deployed: Deployed) => valueIn(display(deployed).subscription);
export const waker = (deployed: Deployed): WakerState => valueIn(display(deployed).wakers)[0] as WakerState;
export const relay = (deployed: Deployed) => valueIn(deployed.relay);
export const types = (deployed: Deployed) => subscription(deployed).filterPolicy?.type as unknown[];
export const setQueue = (name: string, attributes: string) =>
  `aws sqs set-queue-attributes --queue-url ${urlOf(name)} --attributes '${attributes}' --region eu-west-1`;
export const setSubscription = (attribute: string, value: string) =>
  `aws sns set-subscription-attributes --subscription-arn ${TOPIC_ARN}:display --attribute-name ${attribute} --attribute-value ${value} --region eu-west-1`;

export const topic = (deployed: Deployed) => valueIn(deployed.topic);
export const statements = ({ policy }: { policy: PolicyState | null }) => policy?.Statement as PolicyStatement[];
