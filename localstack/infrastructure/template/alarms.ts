import { FAULTS, METRIC_NAMESPACE, RELAY_LAG } from '../../../contracts/environment/metrics.ts';
import type { Topology } from '../topology.ts';
import type { FunctionSpec } from './functions/function.ts';
import { placeIds } from './places.ts';
import { getAtt, logicalId, merged, onlyIf, type Resources, ref, STAGE, sub, type Value } from './values.ts';

type Alarm = {
  id: string;
  name: string;
  /** The fault, and what to do. */
  description: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, Value>;
  statistic: 'Maximum' | 'Sum';
  /** The alarm is raised if the metric is above this value. */
  above: number;
  /** Minutes that the metric must be above it. */
  minutes: number;
  /** Missing data counts as good, unless it is the fault. */
  silence?: 'breaching';
};

/** Makes the alarms of topic and queues. */
export function messagingAlarms({ topic, consumers }: Topology): Resources {
  const places = consumers.flatMap(({ consumer }) => [tooOld(consumer), deadLetters(consumer), undelivered(consumer)]);
  return merged(...[...places, ...topicAlarms(topic)].map(alarm));
}

/** Makes the alarms of the functions, and of the metrics that they report for each consumer. */
export function functionAlarms(specs: readonly FunctionSpec[], consumers: readonly string[]): Resources {
  const throttled = specs.filter(({ api }) => api !== undefined).map(throttles);
  return merged(...[relayLag, ...specs.map(errors), ...throttled, ...consumers.map(faults)].map(alarm));
}

/**
 * 15 minutes: a look takes seconds, and a short outage of a source is no alarm of its consumers. The metric of SQS
 * leaves out messages that were received three times or more, so there are also alarms for the relay's lag and for
 * dead letters.
 */
const tooOld = (consumer: string): Alarm => ({
  id: `${logicalId(consumer)}OldMessages`,
  name: `${consumer}-old-messages`,
  description: `Rings wait for ${consumer} for more than 15 minutes. Check that its source is up and that it has enough functions.`,
  ...queueMetric(placeIds(consumer).queue, 'ApproximateAgeOfOldestMessage'),
  above: 900,
  minutes: 5,
});

const deadLetters = (consumer: string): Alarm => ({
  id: `${logicalId(consumer)}DeadLetters`,
  name: `${consumer}-dead-letters`,
  description: `${consumer} could not handle a ring. Run doorbell doctor: it says how to read it and put it back.`,
  ...queueMetric(placeIds(consumer).deadLetterQueue, 'ApproximateNumberOfMessagesVisible'),
  above: 0,
  minutes: 1,
});

const undelivered = (consumer: string): Alarm => ({
  id: `${logicalId(consumer)}Undelivered`,
  name: `${consumer}-undelivered`,
  description: `SNS could not put a ring into the queue of ${consumer}. Correct its policy or key, then run doorbell replay.`,
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
      description:
        'SNS could neither deliver nor keep a ring. Correct queue policies and key, then run doorbell replay.',
    },
    {
      ...of,
      id: 'TopicUnreadable',
      name: 'topic-unreadable',
      metric: 'NumberOfNotificationsFilteredOut-InvalidMessageBody',
      description: 'A publisher sends bodies that are not JSON, and SNS drops them. Correct that publisher.',
    },
  ];
}

/** A minute: the relay needs a second, and leadership changes every minute. Missing data means that no relay runs. */
const relayLag: Alarm = {
  id: 'RelayLag',
  name: 'relay-lag',
  description: 'Events wait for more than a minute to be rung, or the relay does not run. Read its log.',
  namespace: METRIC_NAMESPACE,
  metric: RELAY_LAG.name,
  dimensions: { Stage: ref('Stage') },
  statistic: 'Maximum',
  above: 60,
  minutes: 3,
  silence: 'breaching',
};

/**
 * Failed looks, changed content under a stored version, a store that is full or away. The queues show these only
 * after a quarter of an hour, or never. One is enough: a conflict is reported once, and waiting rings come again
 * every three minutes.
 */
const faults = (consumer: string): Alarm => ({
  id: `${logicalId(consumer)}Faults`,
  name: `${consumer}-faults`,
  description: `${consumer} could not look, or could not write its view. No ring is lost. Read the log of its function.`,
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
  description: `The function ${name} failed or timed out. Read its log.`,
  ...functionMetric(name, 'Errors'),
  above: 0,
  minutes: 1,
});

const throttles = ({ name }: FunctionSpec): Alarm => ({
  id: `${logicalId(name)}Throttles`,
  name: `${name}-throttles`,
  description: `Requests to ${name} found no free function. Raise its concurrency, as far as the database allows.`,
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
