import type { ConsumerPlace, QueueSpec, Topology } from './topology.ts';

/**
 * ARNs of the queues and the topic of one consumer: texts in the provisioner, intrinsic functions of CloudFormation
 * in the template.
 */
export type PlaceArns<Arn> = { topic: Arn; account: Arn; queue: Arn; deadLetterQueue: Arn; undeliveredQueue: Arn };

/** A resource policy in the form of IAM. */
export type Policy<Arn> = { Version: '2012-10-17'; Statement: Statement<Arn>[] };

/** One statement of a policy. */
export type Statement<Arn> = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal: unknown;
  Action: string | string[];
  Resource: Arn;
  Condition: Record<string, Record<string, unknown>>;
};

/**
 * Returns the settings of a consumer's queues and subscription, and the policies of the queues. Provisioner and
 * template both use them, since SQS and SNS have the same names as CloudFormation. Pure.
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

/** Makes a policy of these statements. */
export const policyOf = <Arn>(Statement: Statement<Arn>[]): Policy<Arn> => ({ Version: '2012-10-17', Statement });

/** Allows only this topic, for this account, to send to the queue. */
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

/** Refuses every action without TLS. */
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
