import * as z from 'zod/mini';
import { awsVariables } from '../contracts/environment/aws.ts';
import { host, httpUrl, oneOf, port, secretArn, stage, text, whole } from '../contracts/environment/forms.ts';
import { type ReadVariables, variableReader } from '../contracts/environment/read.ts';
import { defineVariables } from '../contracts/environment/variable.ts';
import { consumerNames } from '../contracts/shops/agreements/all.ts';
import { KEEP_ALIVE } from './keep-alive.ts';
import { BRAKE_LIMITS } from './runtime/refresh/brake-limits.ts';

/** Reads the variables of a program; see `ReadVariables`. */
export const readVariables: ReadVariables = variableReader(consumerNames);

/**
 * All variables that a consumer reads. `consumer` is the process of `consumers/main.ts`; `consumer-handler` and
 * `consumer-queries` are its Lambda functions.
 */
export const consumerVariables = defineVariables({
  DOORBELL_CONSUMER: {
    what: 'Name of the consumer that this process runs.',
    schema: z.enum(consumerNames, { error: `the name of a consumer: ${consumerNames.join(' or ')}` }),
    readBy: ['consumer'],
    example: 'display',
  },
  DOORBELL_BROKER: {
    what: 'Transport of the changes: the queues of a broker (aws, embedded), or the feed of the source alone (feed), which needs no queue.',
    schema: oneOf(['aws', 'embedded', 'feed']),
    readBy: ['consumer'],
    default: 'aws',
    example: 'feed',
  },
  DOORBELL_QUEUE_URL: {
    what: "URL of the consumer's queue; not with DOORBELL_BROKER=feed.",
    schema: httpUrl("the URL of the consumer's queue"),
    readBy: ['consumer', 'consumer-handler'],
    example: 'https://sqs.eu-central-1.amazonaws.com/123456789012/production-display',
  },
  DOORBELL_DEAD_LETTER_QUEUE_URL: {
    what: 'Its dead-letter queue; not with DOORBELL_BROKER=feed.',
    schema: httpUrl('the URL of its dead-letter queue'),
    readBy: ['consumer', 'consumer-handler'],
    example: 'https://sqs.eu-central-1.amazonaws.com/123456789012/production-display-dead-letters',
  },
  DOORBELL_SOURCE_URL: {
    what: "URL of the publisher's source API.",
    schema: httpUrl('the URL of the source API: https://shops.example'),
    readBy: ['consumer', 'consumer-handler'],
    example: 'https://shops.example',
  },
  DOORBELL_SOURCE_TOKEN: {
    what: 'Token of the agreement; the publisher has its digest.',
    // In the format of RFC 6750: a source would refuse quotes, JSON around it or a line end, ring by ring.
    schema: text(
      /^[A-Za-z0-9._~+/-]{32,}=*$/,
      'the token of the agreement, 32 characters or more of A-Z, a-z, 0-9 and -._~+/ with = at the end, and no quotes',
    ),
    readBy: ['consumer'],
    secret: 'token',
    example: '43 characters, as openssl rand -base64 32 makes them',
  },
  DOORBELL_VIEWS: {
    what: 'Storage of the views: the path of an SQLite file on a persistent disk, or dynamodb: and the name of a table.',
    schema: text(
      /^(dynamodb:[a-zA-Z0-9_.-]{3,255}|(?!dynamodb:).+)$/,
      'the path of the SQLite file for the views, or dynamodb: and the name of their table',
    ),
    readBy: ['consumer'],
    example: '/var/lib/doorbell/display.db',
  },
  DOORBELL_WINDOW: {
    what: 'Time that the first ring waits for others, which saves requests on a quiet queue.',
    schema: whole(0, 2_000, 'milliseconds, 0 to 2000'),
    readBy: ['consumer'],
    default: '0',
    unit: 'milliseconds',
    example: '25',
  },
  DOORBELL_BRAKE_SHARE: {
    what: 'Share of the views at which closings hold the consumer until doorbell resume; 100 never holds.',
    schema: whole(1, 100, 'percent, 1 to 100'),
    readBy: ['consumer'],
    default: String(100 * BRAKE_LIMITS.share),
    unit: 'percent',
    example: '20',
  },
  DOORBELL_BRAKE_LEAST: {
    what: 'Closings within ten minutes below which a consumer never holds.',
    schema: whole(1, 1_000_000, 'a number of closings, 1 to 1000000'),
    readBy: ['consumer'],
    default: String(BRAKE_LIMITS.least),
    unit: 'closings',
    example: '1000',
  },
  DOORBELL_SQS_TRANSPORT: {
    what: 'Client for the frequent calls of SQS: undici with its own signatures (lean) or the AWS SDK (sdk).',
    schema: oneOf(['lean', 'sdk']),
    readBy: ['consumer'],
    default: 'lean',
    example: 'sdk',
  },
  DOORBELL_CONSUMER_PORT: {
    what: 'Port of the query API, the health check and the metrics; 0 takes any free port.',
    schema: port,
    readBy: ['consumer'],
    default: '3001',
    example: '8080',
  },
  DOORBELL_HOST: {
    what: 'Address to listen at: 127.0.0.1 accepts this machine only, 0.0.0.0 all machines, as a container needs it.',
    schema: host,
    readBy: ['consumer'],
    default: '127.0.0.1',
    example: '0.0.0.0',
  },
  DOORBELL_KEEP_ALIVE: {
    what: 'Time that an idle connection is kept; it must be longer than that of the proxy in front.',
    schema: whole(1, 3_600, 'seconds, 1 to 3600'),
    readBy: ['consumer'],
    default: String(KEEP_ALIVE),
    unit: 'seconds',
    example: '620',
  },
  ...awsVariables(['consumer'], ['SQS']),
  DOORBELL_STAGE: {
    what: 'Name of the deployment, used in its metrics.',
    schema: stage,
    readBy: ['consumer-handler', 'consumer-queries'],
    example: 'production',
  },
  DOORBELL_TABLE: {
    what: 'DynamoDB table of the views.',
    schema: text(/^[A-Za-z0-9_.-]{3,255}$/, 'the name of a DynamoDB table'),
    readBy: ['consumer-handler', 'consumer-queries'],
    example: 'production-display-views',
  },
  DOORBELL_SOURCE_TOKEN_SECRET_ARN: {
    what: 'Secret of Secrets Manager that holds DOORBELL_SOURCE_TOKEN as text.',
    schema: secretArn('the ARN of a secret that holds the token of the agreement as text'),
    readBy: ['consumer-handler'],
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-display-token-AbCdEf',
  },
});
