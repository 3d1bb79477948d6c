import { awsVariables } from '../contracts/environment/aws.ts';
import { host, oneOf, port, postgresUrl, secretArn, stage, text, whole } from '../contracts/environment/forms.ts';
import { defineVariables } from '../contracts/environment/variable.ts';
import { CHANNELS } from './relay/publish-channels.ts';
import { operatorDigests, tokenDigests } from './tokens-variable.ts';

/** 5,000 requests a second and token: an import sends 1,700 commands, a consumer some hundred requests. */
export const RATE_LIMIT = 5_000;

/** 90 s: nginx keeps a connection for 60 or 75 s, AWS load balancers for 60 s. */
export const KEEP_ALIVE = 90;

const urlInSecret = secretArn('the ARN of a secret whose text is the URL of a PostgreSQL database');

/**
 * Everything the publisher reads of its environment. `publisher` is the process of `publisher/main.ts`, the others are
 * Lambda functions.
 */
export const publisherVariables = defineVariables({
  DATABASE_URL: {
    what: 'The database, as the user of API and relay: a member of doorbell_app.',
    schema: postgresUrl,
    readBy: ['publisher'],
    secret: 'password',
    example: 'postgres://shops_api:password@db.example:5432/shops?sslmode=verify-full&sslrootcert=/etc/doorbell/ca.pem',
  },
  DATABASE_ADMIN_URL: {
    what: 'The database, as the owner of the schema, for migrations only; without it DATABASE_URL migrates.',
    schema: postgresUrl,
    readBy: ['publisher'],
    optional: true,
    secret: 'password',
    example: 'postgres://shops_owner:password@db.example:5432/shops',
  },
  DATABASE_READ_URL: {
    what: 'A read replica, from which the source APIs read; without it they read from the database itself.',
    schema: postgresUrl,
    readBy: ['publisher'],
    optional: true,
    secret: 'password',
    example: 'postgres://shops_api:password@replica.example:5432/shops',
  },
  DATABASE_RELAY_URL: {
    what: 'The database past any pooling proxy, for the relay; the log relay needs a user with REPLICATION. Without it DATABASE_URL.',
    schema: postgresUrl,
    readBy: ['publisher'],
    optional: true,
    secret: 'password',
    example: 'postgres://shops_relay:password@db.example:5432/shops',
  },
  DOORBELL_TOPIC_ARN: {
    what: 'The topic that is rung.',
    schema: text(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic'),
    readBy: ['publisher', 'publisher-relay'],
    example: 'arn:aws:sns:eu-central-1:123456789012:production-shops',
  },
  DOORBELL_SOURCE_TOKENS: {
    what: 'SHA-256 digests of the tokens of each agreement, two joined by + while one takes over.',
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
    what: 'How many requests one token may send; more are answered 429.',
    schema: whole(1, 1_000_000, 'requests a second and token, 1 to 1000000'),
    readBy: ['publisher', 'publisher-api'],
    default: String(RATE_LIMIT),
    unit: 'requests a second',
    example: '20000',
  },
  DOORBELL_RELAY: {
    what: 'What the relay follows: the event table (position) or the write-ahead log (log).',
    schema: oneOf(['position', 'log']),
    readBy: ['publisher'],
    default: 'position',
    example: 'log',
  },
  DOORBELL_RELAY_CHANNELS: {
    what: 'How many calls of SNS the relay has in flight; rings of one shop go through one channel.',
    // 50: the SDK opens no more connections (Node.js HTTP handler, maxSockets).
    schema: whole(1, 50, 'calls, 1 to 50'),
    readBy: ['publisher'],
    default: String(CHANNELS),
    unit: 'calls of ten rings',
    example: '24',
  },
  DOORBELL_MESSAGE_GROUPS: {
    what: 'Whether each ring has its shop as message group, for fair queues: on or off.',
    schema: oneOf(['on', 'off']),
    readBy: ['publisher', 'publisher-relay'],
    default: 'off',
    example: 'on',
  },
  DOORBELL_PUBLISHER_PORT: {
    what: 'Where the publisher listens; 0 takes any port that is free.',
    schema: port,
    readBy: ['publisher'],
    default: '3000',
    example: '8080',
  },
  DOORBELL_HOST: {
    what: 'The address it listens at: 127.0.0.1 hears this machine only, 0.0.0.0 everybody, as a container needs it.',
    schema: host,
    readBy: ['publisher'],
    default: '127.0.0.1',
    example: '0.0.0.0',
  },
  DOORBELL_KEEP_ALIVE: {
    what: 'How long a connection that rests is kept: longer than the proxy in front of it does.',
    schema: whole(1, 3_600, 'seconds, 1 to 3600'),
    readBy: ['publisher'],
    default: String(KEEP_ALIVE),
    unit: 'seconds',
    example: '620',
  },
  ...awsVariables(['publisher'], ['SNS']),
  DOORBELL_STAGE: {
    what: 'The name of the deployment, which its metrics carry.',
    schema: stage,
    readBy: ['publisher-api', 'publisher-relay', 'publisher-migrate'],
    example: 'production',
  },
  DATABASE_SECRET_ARN: {
    what: 'The secret of Secrets Manager whose text is the DATABASE_URL.',
    schema: urlInSecret,
    readBy: ['publisher-api', 'publisher-relay'],
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-api-AbCdEf',
  },
  DATABASE_READ_SECRET_ARN: {
    what: 'The secret whose text is the DATABASE_READ_URL.',
    schema: urlInSecret,
    readBy: ['publisher-api'],
    optional: true,
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-replica-AbCdEf',
  },
  DATABASE_CA_SECRET_ARN: {
    what: 'The secret whose text is the CA of the databases (PEM), as that of RDS; with it TLS is spoken and verified, whatever the URLs say.',
    schema: secretArn('the ARN of a secret whose text is the certificate of a CA'),
    readBy: ['publisher-api', 'publisher-relay', 'publisher-migrate'],
    optional: true,
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-database-ca-AbCdEf',
  },
  DATABASE_ADMIN_SECRET_ARN: {
    what: 'The secret whose text is the DATABASE_ADMIN_URL.',
    schema: urlInSecret,
    readBy: ['publisher-migrate'],
    example: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shops-owner-AbCdEf',
  },
});

const { DATABASE_ADMIN_URL } = publisherVariables;

/** What `publisher/migrate.ts` reads: nothing but whose schema it is. */
export const migrationVariables = defineVariables({
  DATABASE_ADMIN_URL: {
    what: 'The database, as the owner of the schema.',
    schema: DATABASE_ADMIN_URL.schema,
    readBy: ['migration'],
    secret: DATABASE_ADMIN_URL.secret,
    example: DATABASE_ADMIN_URL.example,
  },
});
