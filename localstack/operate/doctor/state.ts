import type { AgreementFaults } from '../../infrastructure/agreement-faults.ts';
import type { Read } from '../../infrastructure/aws/ask.ts';
import type { Topology } from '../../infrastructure/topology.ts';

/** A queue, as read from SQS. */
export type QueueState = {
  url: string;
  arn: string;
  visibilitySeconds: number;
  retentionSeconds: number;
  /**
   * `kms` by a key of the account, `aws` by a key that AWS manages, `sqs` by the key of SQS; null without encryption.
   */
  encryption: 'kms' | 'aws' | 'sqs' | null;
  /** Seconds that each message waits before it can be received. */
  delaySeconds: number;
  policy: PolicyState | null;
  redrive: { deadLetterTargetArn: string; maxReceiveCount: number } | null;
  redriveAllow: { redrivePermission?: string; sourceQueueArns?: string[] } | null;
  /** Approximate number of messages, in flight or not. */
  messages: number;
};

/** An access policy, as read. Its elements may be one value or a list. */
export type PolicyState = { Statement?: PolicyStatement | PolicyStatement[] };
/** A statement of an access policy, as read. */
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

/** A topic, as read from SNS. */
export type TopicState = {
  arn: string;
  encrypted: boolean;
  /** Null if the service returns none; AWS always returns one. */
  policy: PolicyState | null;
};

/** A subscription in the list of the topic. `arn` is a text such as PendingConfirmation if it has no ARN yet. */
export type ListedSubscription = { arn: string; protocol: string; endpoint: string };

/** The settings of a subscription. */
export type SubscriptionState = {
  arn: string;
  confirmed: boolean;
  raw: boolean;
  filterScope: string;
  /** Null without a filter. */
  filterPolicy: Record<string, unknown> | null;
  deadLetterTargetArn: string | null;
};

/** A function that SQS invokes. */
export type WakerState = {
  id: string;
  functionName: string;
  enabled: boolean;
  reportsFailures: boolean;
  maximumConcurrency: number | null;
  /** True if its event source mapping has a filter: SQS deletes the messages that it blocks. */
  isFiltered: boolean;
  timeoutSeconds: Read<number>;
  reservedConcurrency: Read<number | null>;
};

/** The function of the relay, and the rules that start it. */
export type RelayState = {
  name: string;
  arn: string;
  schedules: Read<{ name: string; enabled: boolean }[]>;
  reservedConcurrency: Read<number | null>;
};

/** A table of views, as read from DynamoDB. */
export type TableState = {
  /** The attribute that TTL reads; null if TTL is off. */
  timeToLive: Read<string | null>;
  indexes: string[];
};

/** The deployed state of one consumer. */
export type ConsumerState = {
  queue: Read<QueueState | null>;
  deadLetterQueue: Read<QueueState | null>;
  undeliveredQueue: Read<QueueState | null>;
  subscription: Read<SubscriptionState | null>;
  wakers: Read<WakerState[]>;
  /** The ARN of the consumer's function; null if there is none and a worker reads the queue. */
  handler: Read<string | null>;
  table: Read<TableState | null>;
};

/** The status of the source API, and the status it answers to each token. */
export type SourceState = {
  url: string;
  health: Read<number>;
  tokens: Record<string, Read<number>>;
};

/** Migrations that are not applied, that this release does not know, and that were edited after they were applied. */
export type DatabaseState = { pending: string[]; unknown: string[]; changed: string[] };

/** The deployed state of the whole system. */
export type Deployed = {
  /** Options of the AWS command line that reach the same endpoint. */
  flags: string;
  isStandIn: boolean;
  /** True if it is the local system of `npm start`, which the other commands reach. */
  isRunHere: boolean;
  /** The ARN of the caller. */
  caller: Read<string>;
  /** Milliseconds that this machine's clock is ahead of the service's. */
  skewMs: Read<number>;
  topic: Read<TopicState | null>;
  /** All subscriptions of the topic. */
  subscriptions: Read<ListedSubscription[] | null>;
  consumers: Record<string, ConsumerState>;
  /** Null if the relay is a process. */
  relay: Read<RelayState | null>;
  source: SourceState | null;
  database: Read<DatabaseState> | null;
};

/** A table as it should be. */
export type ExpectedTable = { name: string; timeToLive: string; indexes: string[] };

/** The expected state. */
export type Expected = {
  stage: string;
  topology: Topology;
  /** Mistakes in the lists of agreements, sources and consumers. */
  agreementFaults: AgreementFaults;
  tables: Record<string, ExpectedTable>;
  /** Seconds that a tombstone stays in a table. */
  tombstoneSeconds: number;
  /** Names of the attributes that a ring can have, and those that a burial adds. */
  attributes: { ring: string[]; burial: string[] };
  /** The command that corrects topic, queues and tables. */
  bringInLine: string;
};
