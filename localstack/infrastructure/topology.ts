import { type Agreement, consumersOf } from '../../contracts/wire/agreement.ts';
import { refuseConflicts } from '../../contracts/wire/agreement-set.ts';

/** The queues of one consumer, and the filter for its rings. */
export type ConsumerPlace = {
  consumer: string;
  queue: QueueSpec;
  /** For messages that the consumer can't handle, or that were received too often. */
  deadLetterQueue: QueueSpec;
  /** For rings that SNS could not deliver to the queue. */
  undeliveredQueue: QueueSpec;
  /**
   * The filter of SNS by `type` in the body: types of the agreement, and bodies without a type, so that the consumer
   * reports them. It does not read the attribute: SNS blocks messages without attributes there, and another publisher
   * may send the body alone (docs/decisions/0005-filter-by-the-body.md).
   */
  filterPolicy: { type: (string | { exists: false })[] };
};

/** The settings of a queue. */
export type QueueSpec = {
  name: string;
  /** Seconds that a received message stays invisible. */
  visibilitySeconds: number;
  /** Seconds until SQS deletes a message. */
  retentionSeconds: number;
};

/** Everything between publisher and consumers: one topic, and queues for each consumer. */
export type Topology = { topic: string; maxReceiveCount: number; consumers: ConsumerPlace[] };

/**
 * 14 days: the longest SQS keeps anything (Amazon SQS quotas). Dead letters keep their first timestamp, so they need
 * as long.
 */
const RETENTION = 14 * 24 * 60 * 60;
/** 30 s: three times the longest look, retries included. */
const VISIBILITY = 30;
/** 1,000: SQS takes no more. The consumer buries poison itself; this is for a message that kills its process. */
const MAX_RECEIVE_COUNT = 1_000;

/** Terms of an agreement that the topology needs. With path and version, conflicts of agreements are found, too. */
export type TopologyTerms = Pick<Agreement, 'name' | 'wakesOn'> & Partial<Pick<Agreement, 'version' | 'path'>>;

/** Settings of a topology that are not in the agreements. */
export type TopologyOptions = {
  /** Name of the topic; by default the stage and `-changes`. */
  topic?: string;
  /** Seconds that a received message stays invisible in the queues of the consumers: longer if functions read them. */
  visibilitySeconds?: number | undefined;
};

/**
 * Derives the topology from the agreements. `stage` separates several systems in one account: every name begins with
 * it. Throws an Error with a line for each conflict: two agreements with one path, or with one name and version, or
 * two queues with one name.
 */
export function topologyOf(
  agreements: readonly TopologyTerms[],
  stage = 'doorbell',
  { topic = `${stage}-changes`, visibilitySeconds = VISIBILITY }: TopologyOptions = {},
): Topology {
  refuseConflicts(agreements);
  const consumers = consumersOf(agreements).map(({ name, wakesOn }) => ({
    consumer: name,
    queue: { ...queueSpec(`${stage}-${name}`), visibilitySeconds },
    deadLetterQueue: queueSpec(`${stage}-${name}-dead`),
    undeliveredQueue: queueSpec(`${stage}-${name}-undelivered`),
    filterPolicy: { type: [...wakesOn, { exists: false } as const] },
  }));
  refuseSharedQueues(consumers);
  return { topic, maxReceiveCount: MAX_RECEIVE_COUNT, consumers };
}

function queueSpec(name: string): QueueSpec {
  return { name, visibilitySeconds: VISIBILITY, retentionSeconds: RETENTION };
}

/** Refuses a consumer `ad-dead` beside `ad`: its queue would be the dead-letter queue of the other. */
function refuseSharedQueues(consumers: readonly ConsumerPlace[]): void {
  const owners = new Map<string, string>();
  for (const { consumer, queue, deadLetterQueue, undeliveredQueue } of consumers)
    for (const { name } of [queue, deadLetterQueue, undeliveredQueue]) {
      const owner = owners.get(name);
      if (owner !== undefined)
        throw new Error(`The consumers ${owner} and ${consumer} would share the queue ${name}: rename one of them.`);
      owners.set(name, consumer);
    }
}
