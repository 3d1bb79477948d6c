import { FAULTS, METRIC_NAMESPACE, RELAY_LAG } from '../../../contracts/environment/metrics.ts';
import type { Topology } from '../topology.ts';
import type { FunctionSpec } from './functions/function.ts';
import { placeIds } from './places.ts';
import { getAtt, logicalId, merged, onlyIf, type Resources, ref, STAGE, sub, type Value } from './values.ts';

type Alarm = {
  id: string;
  name: string;
  /** What is wrong, and what to do. */
  description: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, Value>;
  statistic: 'Maximum' | 'Sum';
  /** Rings when the metric is above. */
  above: number;
  /** Minutes that it must be so. */
  minutes: number;
  /** Nothing heard is taken for good, unless silence is the fault. */
  silence?: 'breaching';
};

/** What must not stay unseen of topic and queues. */
export function messagingAlarms({ topic, consumers }: Topology): Resources {
  const places = consumers.flatMap(({ consumer }) => [tooOld(consumer), deadLetters(consumer), undelivered(consumer)]);
  return merged(...[...places, ...topicAlarms(topic)].map(alarm));
}

/** And of the functions, and of what they tell of each consumer. */
export function functionAlarms(specs: readonly FunctionSpec[], consumers: readonly string[]): Resources {
  const throttled = specs.filter(({ api }) => api !== undefined).map(throttles);
  return merged(...[relayLag, ...specs.map(errors), ...throttled, ...consumers.map(faults)].map(alarm));
}

/**
 * 15 minutes: a look takes seconds, and a source that is away is not an alarm of its consumers at once. SQS leaves out what
 * was received three times and more, so the relay's lag and the dead letters are watched beside it.
 */
const tooOld = (consumer: string): Alarm => ({
  id: `${logicalId(consumer)}OldMessages`,
  name: `${consumer}-old-messages`,
  description: `Rings wait for ${consumer} for more than 15 minutes: is its source up, and does it keep up?`,
  ...queueMetric(placeIds(consumer).queue, 'ApproximateAgeOfOldestMessage'),
  above: 900,
  minutes: 5,
});

const deadLetters = (consumer: string): Alarm => ({
  id: `${logicalId(consumer)}DeadLetters`,
  name: `${consumer}-dead-letters`,
  description: `${consumer} could not handle a ring: doorbell doctor says how to look at it and put it back.`,
  ...queueMetric(placeIds(consumer).deadLetterQueue, 'ApproximateNumberOfMessagesVisible'),
  above: 0,
  minutes: 1,
});

const undelivered = (consumer: string): Alarm => ({
  id: `${logicalId(consumer)}Undelivered`,
  name: `${consumer}-undelivered`,
  description: `SNS could not put a ring into the queue of ${consumer}: mend its policy or key, then doorbell replay.`,
  ...queueMetric(placeIds(consumer).undeliveredQueue, 'ApproximateNumberOfMessagesVisible'),
  above: 0,
  minutes: 1,
});

function queueMetric(queue: string, metric: string) {
  const dimensions = { QueueName: getAtt(queue, 'QueueName') };
  return { namespace: 'AWS/SQS', metric, dimensions, statistic: 'Maximum' } as const;
}

function topicAlarms(topic: string): Alarm[] {
  const of = {
    namespace: 'AWS/SNS',
    dimensions: { TopicName: sub(topic) },
    statistic: 'Sum',
    above: 0,
    minutes: 1,
  } as const;
  return [
    {
      ...of,
      id: 'TopicLost',
      name: 'topic-lost',
      metric: 'NumberOfNotificationsFailedToRedriveToDlq',
      description: 'SNS could neither deliver a ring nor keep it: mend queue policies and key, then doorbell replay.',
    },
    {
      ...of,
      id: 'TopicUnreadable',
      name: 'topic-unreadable',
      metric: 'NumberOfNotificationsFilteredOut-InvalidMessageBody',
      description: 'Somebody publishes bodies that are no JSON; SNS drops them.',
    },
  ];
}

/** A minute: the relay needs a second, and hands over its leadership every minute. A relay that says nothing is not running. */
const relayLag: Alarm = {
  id: 'RelayLag',
  name: 'relay-lag',
  description: 'Events wait for more than a minute to be rung, or the relay is not running: see its log.',
  namespace: METRIC_NAMESPACE,
  metric: RELAY_LAG.name,
  dimensions: { Stage: ref('Stage') },
  statistic: 'Maximum',
  above: 60,
  minutes: 3,
  silence: 'breaching',
};

/**
 * Answers that are no answer, other content under a version that was stored, a store that is full or away: no queue shows it for
 * a quarter of an hour, or ever. One is enough: a conflict is told once, and what waits comes again every three minutes.
 */
const faults = (consumer: string): Alarm => ({
  id: `${logicalId(consumer)}Faults`,
  name: `${consumer}-faults`,
  description: `${consumer} could not look or not keep what it saw; nothing is lost: see the log of its function.`,
  namespace: METRIC_NAMESPACE,
  metric: FAULTS.name,
  dimensions: { Stage: ref('Stage'), Consumer: consumer },
  statistic: 'Sum',
  above: 0,
  minutes: 1,
});

const errors = ({ name }: FunctionSpec): Alarm => ({
  id: `${logicalId(name)}Errors`,
  name: `${name}-errors`,
  description: `The function ${name} failed or ran out of time: see its log.`,
  ...functionMetric(name, 'Errors'),
  above: 0,
  minutes: 1,
});

const throttles = ({ name }: FunctionSpec): Alarm => ({
  id: `${logicalId(name)}Throttles`,
  name: `${name}-throttles`,
  description: `Requests to ${name} found no free function: raise its concurrency, within what the database bears.`,
  ...functionMetric(name, 'Throttles'),
  above: 0,
  minutes: 5,
});

function functionMetric(name: string, metric: string) {
  const dimensions = { FunctionName: ref(logicalId(name)) };
  return { namespace: 'AWS/Lambda', metric, dimensions, statistic: 'Sum' } as const;
}

function alarm(each: Alarm): Resources {
  const actions = onlyIf('HasAlarmTopic', [ref('AlarmTopicArn')]);
  return {
    [`${each.id}Alarm`]: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: sub(`${STAGE}-${each.name}`),
        AlarmDescription: each.description,
        Namespace: each.namespace,
        MetricName: each.metric,
        Dimensions: Object.entries(each.dimensions).map(([Name, Value]) => ({ Name, Value })),
        Statistic: each.statistic,
        Period: 60,
        EvaluationPeriods: each.minutes,
        Threshold: each.above,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: each.silence ?? 'notBreaching',
        AlarmActions: actions,
        OKActions: actions,
      },
    },
  };
}
