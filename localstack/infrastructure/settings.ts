import type { ConsumerPlace, QueueSpec, Topology } from './topology.ts';

/**
 * Where the things of a place are. Texts where somebody knows them, as the provisioner does; intrinsic functions of
 * CloudFormation in the template.
 */
export type PlaceArns<Arn> = { topic: Arn; account: Arn; queue: Arn; deadLetterQueue: Arn; undeliveredQueue: Arn };

/** A policy of a resource, as IAM writes it. */
export type Policy<Arn> = { Version: '2012-10-17'; Statement: Statement<Arn>[] };

/** One rule of it. */
export type Statement<Arn> = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal: unknown;
  Action: string | string[];
  Resource: Arn;
  Condition: Record<string, Record<string, unknown>>;
};

/**
 * The settings of a consumer's queues and of its subscription, and the queues' policies. Pure, and the only place where
 * they are said: SQS and SNS call them as CloudFormation does, so that provisioner and template can't differ.
 */
export function placeSettings<Arn>(place: ConsumerPlace, { maxReceiveCount }: Topology, arns: PlaceArns<Arn>) {
  return {
    queue: {
      ...queueSettings(place.queue),
      RedrivePolicy: { deadLetterTargetArn: arns.deadLetterQueue, maxReceiveCount },
    },
    deadLetterQueue: {
      ...queueSettings(place.deadLetterQueue),
      RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arns.queue] },
    },
    undeliveredQueue: queueSettings(place.undeliveredQueue),
    subscription: {
      RawMessageDelivery: true,
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: place.filterPolicy,
      RedrivePolicy: { deadLetterTargetArn: arns.undeliveredQueue },
    },
    policies: {
      queue: policyOf([topicSends(arns, arns.queue), queueOnlyByTls(arns.queue)]),
      deadLetterQueue: policyOf([queueOnlyByTls(arns.deadLetterQueue)]),
      undeliveredQueue: policyOf([topicSends(arns, arns.undeliveredQueue), queueOnlyByTls(arns.undeliveredQueue)]),
    },
  };
}

function queueSettings({ visibilitySeconds, retentionSeconds }: QueueSpec) {
  return { VisibilityTimeout: visibilitySeconds, MessageRetentionPeriod: retentionSeconds };
}

/** A policy of these rules. */
export const policyOf = <Arn>(Statement: Statement<Arn>[]): Policy<Arn> => ({ Version: '2012-10-17', Statement });

/** Only this topic may put messages into the queue, and only on behalf of this account. */
function topicSends<Arn>({ topic, account }: PlaceArns<Arn>, queue: Arn): Statement<Arn> {
  return {
    Sid: 'TopicSends',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queue,
    Condition: { ArnEquals: { 'aws:SourceArn': topic }, StringEquals: { 'aws:SourceAccount': account } },
  };
}

/** Nobody does anything without TLS. */
export function queueOnlyByTls<Arn>(queue: Arn): Statement<Arn> {
  return {
    Sid: 'OnlyByTls',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: queue,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}
