import { type Agreement, consumersOf } from '../../contracts/wire/agreement.ts';

/** One consumer's place: its queue, its dead-letter queues, and what wakes it. */
export type ConsumerPlace = {
  consumer: string;
  queue: QueueSpec;
  /** For what the consumer itself can't handle, and what was received too often. */
  deadLetterQueue: QueueSpec;
  /** For what SNS could not put into the queue. */
  undeliveredQueue: QueueSpec;
  /**
   * What SNS lets through, by the `type` in the body: those of the agreement, and bodies that name none, so that
   * somebody sees them. Not by the attribute: SNS never lets a message without attributes through an attribute
   * filter, and a foreign publisher may send the body alone (docs/decisions/0005-filter-by-the-body.md).
   */
  filterPolicy: { type: (string | { exists: false })[] };
};

export type QueueSpec = {
  name: string;
  /** Seconds a received message stays invisible. */
  visibilitySeconds: number;
  /** Seconds until SQS forgets a message. */
  retentionSeconds: number;
};

/** Everything between publisher and consumers: one topic, and a place per consumer. */
export type Topology = { topic: string; maxReceiveCount: number; consumers: ConsumerPlace[] };

/** 14 days: the longest SQS keeps anything (Amazon SQS quotas). Dead letters keep their first timestamp, so they need as long. */
const RETENTION = 14 * 24 * 60 * 60;
/** 30 s: three times what a look may take, retries included. */
const VISIBILITY = 30;
/** 1,000: SQS takes no more. Poison leaves by our own hand; this is for a message that kills whoever receives it. */
const MAX_RECEIVE_COUNT = 1_000;

/**
 * Derives the topology from the agreements. `stage` keeps several systems apart in one account; `visibilitySeconds` is
 * that of the consumers' queues, where functions take from them.
 */
export function topologyOf(
  agreements: readonly Pick<Agreement, 'name' | 'wakesOn'>[],
  stage = 'doorbell',
  visibilitySeconds = VISIBILITY,
): Topology {
  return {
    topic: `${stage}-shops`,
    maxReceiveCount: MAX_RECEIVE_COUNT,
    consumers: consumersOf(agreements).map(({ name, wakesOn }) => ({
      consumer: name,
      queue: { ...queueSpec(`${stage}-${name}`), visibilitySeconds },
      deadLetterQueue: queueSpec(`${stage}-${name}-dead`),
      undeliveredQueue: queueSpec(`${stage}-${name}-undelivered`),
      filterPolicy: { type: [...wakesOn, { exists: false }] },
    })),
  };
}

function queueSpec(name: string): QueueSpec {
  return { name, visibilitySeconds: VISIBILITY, retentionSeconds: RETENTION };
}
