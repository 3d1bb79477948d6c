import { queryApi, sourceUrl } from './functions/consumer.ts';
import { PUBLISHER_API } from './functions/publisher.ts';
import { placeIds } from './places.ts';
import type { TemplatePlan } from './plan.ts';
import { tableId } from './tables.ts';
import { topicArn } from './topic.ts';
import { getAtt, logicalId, ref, sub, type Value } from './values.ts';

/** An output of the stack, and the environment variable that takes it. */
export type Output = {
  output: string;
  description: string;
  value: Value;
  /** The variable of a process outside the stack; null if there is none. */
  variable: string | null;
  /** The owner of the variable: publisher, or the name of a consumer. */
  of: string;
};

/** Lists the outputs of the parts. Pure. */
export function outputsOf(plan: TemplatePlan): Output[] {
  const names = plan.topology.consumers.map(({ consumer }) => consumer);
  const ours = plan.consumers.map(({ consumer: { agreement } }) => agreement.name);
  return [
    ...(plan.has('messaging') ? [topic, ...names.flatMap(queues)] : []),
    ...(plan.has('tables') ? ours.flatMap(tables) : []),
    ...(plan.has('functions') ? [...publisherOutputs, ...ours.flatMap(functionOutputs)] : []),
  ];
}

const topic: Output = {
  output: 'TopicArn',
  description: 'The topic that the relay publishes to.',
  value: topicArn,
  variable: 'DOORBELL_TOPIC_ARN',
  of: 'publisher',
};

function queues(consumer: string): Output[] {
  const ids = placeIds(consumer);
  const id = logicalId(consumer);
  return [
    {
      output: `${id}QueueUrl`,
      description: `The queue of ${consumer}.`,
      value: ref(ids.queue),
      variable: 'DOORBELL_QUEUE_URL',
      of: consumer,
    },
    {
      output: `${id}DeadLetterQueueUrl`,
      description: `The dead-letter queue of ${consumer}.`,
      value: ref(ids.deadLetterQueue),
      variable: 'DOORBELL_DEAD_LETTER_QUEUE_URL',
      of: consumer,
    },
    {
      output: `${id}UndeliveredQueueUrl`,
      description: `The queue for rings that SNS could not deliver to ${consumer}.`,
      value: ref(ids.undeliveredQueue),
      variable: null,
      of: consumer,
    },
  ];
}

function tables(consumer: string): Output[] {
  const of = { of: consumer, description: `The views of ${consumer}.` };
  const id = logicalId(consumer);
  return [
    { ...of, output: `${id}TableName`, value: ref(tableId(consumer)), variable: null },
    // The variable of a worker also names the kind of store.
    { ...of, output: `${id}Views`, value: sub(`dynamodb:\${${tableId(consumer)}}`), variable: 'DOORBELL_VIEWS' },
  ];
}

const publisherOutputs: Output[] = [
  {
    output: 'PublisherUrl',
    description: 'The URL for commands, history and source APIs.',
    value: getAtt(PUBLISHER_API, 'ApiEndpoint'),
    variable: null,
    of: 'publisher',
  },
  {
    output: 'MigrateFunctionName',
    description: 'The function that migrates the database; doorbell deploy invokes it.',
    value: ref('PublisherMigrate'),
    variable: null,
    of: 'publisher',
  },
];

function functionOutputs(consumer: string): Output[] {
  return [
    {
      output: `${logicalId(consumer)}QueryUrl`,
      description: `The URL of the query API of ${consumer}.`,
      value: getAtt(queryApi(consumer), 'ApiEndpoint'),
      variable: null,
      of: consumer,
    },
    {
      output: `${logicalId(consumer)}SourceUrl`,
      description: `The URL of the source API for ${consumer}.`,
      value: sourceUrl,
      variable: 'DOORBELL_SOURCE_URL',
      of: consumer,
    },
  ];
}
