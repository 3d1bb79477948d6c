import type { Read } from '../../infrastructure/aws/ask.ts';
import type { Topology } from '../../infrastructure/topology.ts';

/** A queue as SQS tells of it. */
export type QueueState = {
  url: string;
  arn: string;
  visibilitySeconds: number;
  retentionSeconds: number;
  /** `kms` with a key, `aws` with the one that AWS manages, `sqs` with SQS's own; null where none is stated. */
  encryption: 'kms' | 'aws' | 'sqs' | null;
  /** How long each message waits before anybody gets it. */
  delaySeconds: number;
  policy: PolicyState | null;
  redrive: { deadLetterTargetArn: string; maxReceiveCount: number } | null;
  redriveAllow: { redrivePermission?: string; sourceQueueArns?: string[] } | null;
  /** About how many there are, in flight or not. */
  messages: number;
};

/** An access policy, as it is written: its elements may be one or a list. */
export type PolicyState = { Statement?: PolicyStatement | PolicyStatement[] };
export type PolicyStatement = {
  Sid?: string;
  Effect?: string;
  Principal?: string | Record<string, string | string[]>;
  NotPrincipal?: string | Record<string, string | string[]>;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

export type TopicState = {
  arn: string;
  encrypted: boolean;
  /** Null where the service tells none; AWS always does. */
  policy: PolicyState | null;
};

/** A subscription as it stands in the list: its ARN, or why it has none yet. */
export type ListedSubscription = { arn: string; protocol: string; endpoint: string };

export type SubscriptionState = {
  arn: string;
  confirmed: boolean;
  raw: boolean;
  filterScope: string;
  /** Null where nothing is filtered. */
  filterPolicy: Record<string, unknown> | null;
  deadLetterTargetArn: string | null;
};

/** A function that SQS wakes. */
export type WakerState = {
  id: string;
  functionName: string;
  enabled: boolean;
  reportsFailures: boolean;
  maximumConcurrency: number | null;
  /** Whether SQS deletes what a filter keeps away from it. */
  isFiltered: boolean;
  timeoutSeconds: Read<number>;
  reservedConcurrency: Read<number | null>;
};

/** The function that rings, and the rules that start it. */
export type RelayState = {
  name: string;
  arn: string;
  schedules: Read<{ name: string; enabled: boolean }[]>;
  reservedConcurrency: Read<number | null>;
};

export type TableState = {
  /** The attribute that TTL goes by; null where TTL is off. */
  timeToLive: Read<string | null>;
  indexes: string[];
};

/** What is deployed of one consumer. */
export type ConsumerState = {
  queue: Read<QueueState | null>;
  deadLetterQueue: Read<QueueState | null>;
  undeliveredQueue: Read<QueueState | null>;
  subscription: Read<SubscriptionState | null>;
  wakers: Read<WakerState[]>;
  /** The ARN of the function that is named after the consumer; null where there is none, and a worker reads the queue. */
  handler: Read<string | null>;
  table: Read<TableState | null>;
};

/** Whether the publisher's source API answers, and whether it takes the tokens that were given. */
export type SourceState = {
  url: string;
  health: Read<number>;
  tokens: Record<string, Read<number>>;
};

/** Whether the database answers, and what of this release's migrations is not applied there. */
export type DatabaseState = { pending: string[]; unknown: string[]; changed: string[] };

/** Everything that was read. */
export type Deployed = {
  /** What the AWS command line needs to reach the same place. */
  flags: string;
  isStandIn: boolean;
  /** Whether `npm start` runs it, so that our other commands reach it. */
  isRunHere: boolean;
  /** Who is asking: an ARN. */
  caller: Read<string>;
  /** Milliseconds that this machine's clock is ahead of the service's. */
  skewMs: Read<number>;
  topic: Read<TopicState | null>;
  /** All of the topic's, whose-ever they are. */
  subscriptions: Read<ListedSubscription[] | null>;
  consumers: Record<string, ConsumerState>;
  /** Null where a process rings. */
  relay: Read<RelayState | null>;
  source: SourceState | null;
  database: Read<DatabaseState> | null;
};

/** What a table should be. */
export type ExpectedTable = { name: string; timeToLive: string; indexes: string[] };

/** What should be there. */
export type Expected = {
  stage: string;
  topology: Topology;
  tables: Record<string, ExpectedTable>;
  /** Seconds that a tombstone stays in a table. */
  tombstoneSeconds: number;
  /** Names of the attributes that a ring can have, and those that a burial adds. */
  attributes: { ring: string[]; burial: string[] };
  /** The command that brings everything in line. */
  bringInLine: string;
};
