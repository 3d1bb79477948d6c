import { awsVariables } from '../contracts/environment/aws.ts';
import { host, oneOf, port, postgresUrl, secretArn, stage, text, whole } from '../contracts/environment/forms.ts';
import { type ReadVariables, variableReader } from '../contracts/environment/read.ts';
import { defineVariables } from '../contracts/environment/variable.ts';
import { consumerNames } from '../contracts/shops/agreements/all.ts';
import { KEEP_ALIVE } from './keep-alive.ts';
import { CHANNELS } from './relay/publish-channels.ts';
import { operatorDigests, tokenDigests } from './tokens-variable.ts';

/** 5,000 requests per second and token: an import sends 1,700 commands, a consumer some hundred requests. */
export const RATE_LIMIT = 5_000;

/** Reads the variables of a program; see `ReadVariables`. */
export const readVariables: ReadVariables = variableReader(consumerNames);

const urlInSecret = secretArn('the ARN of a secret that holds the URL of a PostgreSQL database as text');

/**
 * All variables that the publisher reads. `publisher` is the process of `publisher/main.ts`, the others are Lambda
 * functions.
 */
export const publisherVariables = defineVariables({
  DATABASE_URL: {
    what: 'URL of the database, with the user of API and relay: a member of doorbell_app.',
    schema: postgresUrl,
    readBy: ['publisher'],
    secret: 'password',
    example: 'postgres://shops_api:password@db.example:5432/shops?sslmode=verify-full&sslrootcert=/etc/doorbell/ca.pem',
  },
  DATABASE_ADMIN_URL: {
    what: 'URL of the database, with the owner of the schema, for migrations only; DATABASE_URL by default.',
    schema: postgresUrl,
    readBy: ['publisher'],
    optional: true,
    secret: 'password',
    example: 'postgres://shops_owner:password@db.example:5432/shops',
  },
  DATABASE_READ_URL: {
    what: 'URL of a read replica, from which the source APIs read; without it they read from the database itself.',
    schema: postgresUrl,
    readBy: ['publisher'],
    optional: true,
    secret: 'password',
    example: 'postgres://shops_api:password@replica.example:5432/shops',
  },
  DATABASE_RELAY_URL: {
    what: 'URL of the database past any pooling proxy, for the relay; the log relay needs a user with REPLICATION. DATABASE_URL by default.',
    schema: postgresUrl,
    readBy: ['publisher'],
    optional: true,
    secret: 'password',
    example: 'postgres://shops_relay:password@db.example:5432/shops',
  },
  DOORBELL_TOPIC_ARN: {
    what: 'ARN of the topic for notifications.',
    schema: text(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic'),
    readBy: ['publisher', 'publisher-relay'],
    example: 'arn:aws:sns:eu-central-1:123456789012:production-shops',
  },
  DOORBELL_SOURCE_TOKENS: {
    what: 'SHA-256 digests of the tokens of each agreement; during rotation two, joined by +.',
    schema: tokenDigests,
    readBy: ['publisher', 'publisher-api'],
    secret: 'digest',
    example: 'display=<64 hex digits>,ad=<64 hex digits>+<64 hex digits>',
  },
  DOORBELL_OPERATOR_TOKENS: {
    what: 'SHA-256 digests of the tokens for commands, history and metrics, joined by +.',
    schema: operatorDigests,
    readBy: ['publisher', 'publisher-api'],
    secret: 'digest',
    example: '<64 hex digits>',
  },
  DOORBELL_RATE_LIMIT: {
    what: 'Maximum number of requests per token; more are answered with 429.',
    schema: whole(1, 1_000_000, 'requests a second and token, 1 to 1000000'),
    readBy: ['publisher', 'publisher-api'],
    default: String(RATE_LIMIT),
    unit: 'requests a second',
    example: '20000',
  },
  DOORBELL_RELAY: {
    what: 'Source of the relay: the event table (position) or the write-ahead log (log).',
    schema: oneOf(['position', 'log']),
    readBy: ['publisher'],
    default: 'position',
    example: 'log',
  },
  DOORBELL_RELAY_CHANNELS: {
    what: 'Number of SNS calls that the relay has in flight; rings of one shop go through one channel.',
    // 50: the SDK opens no more connections (Node.js HTTP handler, maxSockets).
    schema: whole(1, 50, 'calls, 1 to 50'),
    readBy: ['publisher'],
    default: String(CHANNELS),
    unit: 'calls of ten rings',
    example: '24',
  },
  DOORBELL_MESSAGE_GROUPS: {
    what: 'Message group per shop, for fair queues: on or off.',
    schema: oneOf(['on', 'off']),
    readBy: ['publisher', 'publisher-relay'],
    default: 'off',
    example: 'on',
  },
  DOORBELL_PUBLISHER_PORT: {
    what: 'Port of the publisher; 0 takes any free port.',
    schema: port,
    readBy: ['publisher'],
    default: '3000',
    example: '8080',
  },
  DOORBELL_HOST: {
    what: 'Address to listen at: 127.0.0.1 accepts this machine only, 0.0.0.0 all machines, as a container needs it.',
    schema: host,
    readBy: ['publisher'],
    default: '127.0.0.1',
    example: '0.0.0.0',
  },
  DOORBELL_KEEP_ALIVE: {
    what: 'Time that an idle connection is kept; it must be longer than that of the proxy in front.',
    schema: whole(1, 3_600, 'seconds, 1 to 3600'),
    readBy: ['publisher'],
    default: String(KEEP_ALIVE),
    unit: 'seconds',
    example: '620',
  },
  ...awsVariables(['publisher'], ['SNS']),
  DOORBELL_STAGE: {
    what: 'Name of the deployment, used in its metrics.',
    schema: stage,
    readBy: ['publisher-api', 'publisher-relay', 'publisher-migrate'],
    example: 'production',
  },
  DATABASE_SECRET_ARN: {
    what: 'Secret of Secrets Manager that holds DATABASE_URL as text.',
    schema: urlInSecret,
    readBy: ['publisher-api', 'publisher-relay'],
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-api-AbCdEf',
  },
  DATABASE_READ_SECRET_ARN: {
    what: 'Secret that holds DATABASE_READ_URL as text.',
    schema: urlInSecret,
    readBy: ['publisher-api'],
    optional: true,
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-replica-AbCdEf',
  },
  DATABASE_CA_SECRET_ARN: {
    what: 'Secret that holds the CA of the databases (PEM) as text, such as the CA of RDS; it turns TLS with verification on, whatever the URLs say.',
    schema: secretArn('the ARN of a secret that holds the certificate of a CA as text'),
    readBy: ['publisher-api', 'publisher-relay', 'publisher-migrate'],
    optional: true,
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-database-ca-AbCdEf',
  },
  DATABASE_ADMIN_SECRET_ARN: {
    what: 'Secret that holds DATABASE_ADMIN_URL as text.',
    schema: urlInSecret,
    readBy: ['publisher-migrate'],
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-owner-AbCdEf',
  },
});

const { DATABASE_ADMIN_URL } = publisherVariables;

/** Variables of `publisher/migrate.ts`: only the owner's database address. */
export const migrationVariables = defineVariables({
  DATABASE_ADMIN_URL: {
    what: 'URL of the database, with the owner of the schema.',
    schema: DATABASE_ADMIN_URL.schema,
    readBy: ['migration'],
    secret: DATABASE_ADMIN_URL.secret,
    example: DATABASE_ADMIN_URL.example,
  },
});
