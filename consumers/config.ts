import * as z from 'zod/mini';
import { readEnvironment, variable } from '../contracts/environment.ts';

const Environment = z.object({
  DOORBELL_CONSUMER: variable(/^[a-z][a-z0-9-]{0,39}$/, 'the name of a consumer: display or ad'),
  DOORBELL_QUEUE_URL: z.url({ error: "the URL of the consumer's queue" }),
  DOORBELL_DEAD_LETTER_QUEUE_URL: z.url({ error: 'the URL of its dead-letter queue' }),
  DOORBELL_SOURCE_URL: z.url({ protocol: /^https?$/, error: 'where the source API is: https://shops.example' }),
  DOORBELL_SOURCE_TOKEN: variable(
    /^[\x21-\x7e]{32,}$/,
    'the token of the agreement, 32 printable ASCII characters or more',
  ),
  DOORBELL_VIEWS: variable(
    /^(dynamodb:[a-zA-Z0-9_.-]{3,255}|(?!dynamodb:).+)$/,
    'the path of the SQLite file for the views, or dynamodb: and the name of their table',
  ),
  DOORBELL_CONSUMER_PORT: z._default(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(65_535)), 3001),
  DOORBELL_HOST: z._default(z.string(), '127.0.0.1'),
  DOORBELL_WINDOW: z._default(
    z.coerce.number().check(z.int(), z.minimum(0), z.maximum(2_000, 'milliseconds, 0 to 2000')),
    0,
  ),
  DOORBELL_SQS_TRANSPORT: z._default(z.enum(['lean', 'sdk'], { error: 'lean or sdk' }), 'lean'),
});

/** What a consumer must know of the place it runs in. */
export type ConsumerConfig = {
  queueUrl: string;
  deadLetterQueueUrl: string;
  sourceUrl: string;
  sourceToken: string;
  /** Where the views are kept: the path of an SQLite file, or `dynamodb:` and the name of a table. */
  views: string;
  port: number;
  host: string;
  /** Milliseconds that the first ring waits for others of its shop, 0 to 2,000; 0 where nothing is said. */
  window?: number;
  /** Who makes the three hot calls of SQS; `lean` where nothing is said. */
  transport?: 'lean' | 'sdk';
};

/** Reads the environment. Throws an Error that names every variable that is missing or malformed. */
export function readConfig(environment: NodeJS.ProcessEnv): { consumer: string; config: ConsumerConfig } {
  const read = readEnvironment(Environment, environment);
  return {
    consumer: read.DOORBELL_CONSUMER,
    config: {
      queueUrl: read.DOORBELL_QUEUE_URL,
      deadLetterQueueUrl: read.DOORBELL_DEAD_LETTER_QUEUE_URL,
      sourceUrl: read.DOORBELL_SOURCE_URL,
      sourceToken: read.DOORBELL_SOURCE_TOKEN,
      views: read.DOORBELL_VIEWS,
      port: read.DOORBELL_CONSUMER_PORT,
      host: read.DOORBELL_HOST,
      window: read.DOORBELL_WINDOW,
      transport: read.DOORBELL_SQS_TRANSPORT,
    },
  };
}
