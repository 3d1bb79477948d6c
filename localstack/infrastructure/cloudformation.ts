import { placeIds, placeResources } from './template/places.ts';
import { filledIn, logicalId, type Resources, ref, type Value } from './template/values.ts';
import type { Topology } from './topology.ts';

/** A CloudFormation template of topic, queues and subscriptions, and of nothing else. */
export type MessagingTemplate = {
  AWSTemplateFormatVersion: '2010-09-09';
  Description: string;
  Resources: Resources;
  Outputs: Record<string, { Description: string; Value: Value }>;
};

/**
 * Makes the CloudFormation template of a topology: what `provision` would make, with the same settings. Its outputs
 * are the addresses, each described by the variable that takes it. Pure.
 */
export function cloudFormationOf(topology: Topology): MessagingTemplate {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Doorbell: the topic ${topology.topic} and the queues of its consumers.`,
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: filledIn(topology.topic) } },
      ...placeResources(topology, {}),
    },
    Outputs: {
      TopicArn: { Description: 'DOORBELL_TOPIC_ARN of the publisher or its relay.', Value: ref('Topic') },
      ...Object.assign({}, ...topology.consumers.map(({ consumer }) => outputsOf(consumer))),
    },
  };
}

function outputsOf(consumer: string): MessagingTemplate['Outputs'] {
  const { queue, deadLetterQueue } = placeIds(consumer);
  const id = logicalId(consumer);
  return {
    [`${id}QueueUrl`]: { Description: `DOORBELL_QUEUE_URL of ${consumer}.`, Value: ref(queue) },
    [`${id}DeadLetterQueueUrl`]: {
      Description: `DOORBELL_DEAD_LETTER_QUEUE_URL of ${consumer}.`,
      Value: ref(deadLetterQueue),
    },
  };
}
