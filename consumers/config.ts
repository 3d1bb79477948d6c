import { type Environment, stated } from '../contracts/environment/unknown.ts';
import type { ValuesOf } from '../contracts/environment/variable.ts';
import { consumerVariables, readVariables } from './variables.ts';

type Values = ValuesOf<typeof consumerVariables, 'consumer'>;

/** Configuration of a consumer. */
export type ConsumerConfig = {
  /** `feed`: the feed of the source is the only transport, and there are no queues. */
  broker?: Values['DOORBELL_BROKER'];
  queueUrl?: Values['DOORBELL_QUEUE_URL'] | undefined;
  deadLetterQueueUrl?: Values['DOORBELL_DEAD_LETTER_QUEUE_URL'] | undefined;
  sourceUrl: Values['DOORBELL_SOURCE_URL'];
  sourceToken: Values['DOORBELL_SOURCE_TOKEN'];
  /** Storage of the views: the path of an SQLite file, or `dynamodb:` and the name of a table. */
  views: Values['DOORBELL_VIEWS'];
  port: Values['DOORBELL_CONSUMER_PORT'];
  host: Values['DOORBELL_HOST'];
  /** Seconds that an idle connection is kept; KEEP_ALIVE by default. */
  keepAlive?: Values['DOORBELL_KEEP_ALIVE'];
  /** Milliseconds that the first ring waits for others of its resource, 0 to 2,000; 0 by default. */
  window?: Values['DOORBELL_WINDOW'];
  /** Closings that hold the consumer: this share of all views, and at least this number. */
  brake?: { share: number; least: Values['DOORBELL_BRAKE_LEAST'] };
  /** Client for the three frequent calls of SQS; `lean` by default. */
  transport?: Values['DOORBELL_SQS_TRANSPORT'];
};

type Queues = 'DOORBELL_QUEUE_URL' | 'DOORBELL_DEAD_LETTER_QUEUE_URL';

/** The variables of a consumer that has no broker. */
const { DOORBELL_QUEUE_URL: _, DOORBELL_DEAD_LETTER_QUEUE_URL: __, ...withoutQueues } = consumerVariables;

/** Reads the environment. Throws an Error that names every variable that is missing, malformed or unknown. */
export function readConfig(environment: Environment): { consumer: string; config: ConsumerConfig } {
  const table = stated(environment, 'DOORBELL_BROKER') === 'feed' ? withoutQueues : consumerVariables;
  const read: Omit<Values, Queues> & Partial<Pick<Values, Queues>> = readVariables(table, 'consumer', environment);
  return {
    consumer: read.DOORBELL_CONSUMER,
    config: {
      broker: read.DOORBELL_BROKER,
      queueUrl: read.DOORBELL_QUEUE_URL,
      deadLetterQueueUrl: read.DOORBELL_DEAD_LETTER_QUEUE_URL,
      sourceUrl: read.DOORBELL_SOURCE_URL,
      sourceToken: read.DOORBELL_SOURCE_TOKEN,
      views: read.DOORBELL_VIEWS,
      port: read.DOORBELL_CONSUMER_PORT,
      host: read.DOORBELL_HOST,
      keepAlive: read.DOORBELL_KEEP_ALIVE,
      window: read.DOORBELL_WINDOW,
      brake: { share: read.DOORBELL_BRAKE_SHARE / 100, least: read.DOORBELL_BRAKE_LEAST },
      transport: read.DOORBELL_SQS_TRANSPORT,
    },
  };
}
