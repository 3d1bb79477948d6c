import { awsVariables } from '../../contracts/environment/aws.ts';
import { host, oneOf, port, postgresUrl, text, whole } from '../../contracts/environment/forms.ts';
import { defineVariables } from '../../contracts/environment/variable.ts';
import { CHANNELS } from '../relay/publish-channels.ts';
import { RETENTION_DAYS } from './outbox-log.ts';
import { DEFAULT_SCHEMA } from './schema.ts';

/** Variables of `doorbell outbox` and `doorbell watch`. */
export const outboxVariables = defineVariables({
  DATABASE_ADMIN_URL: {
    what: 'URL of the database of the service, with a user who may create a schema and a publication.',
    schema: postgresUrl,
    readBy: ['outbox'],
    secret: 'password',
    example: 'postgres://shop_owner:password@db.example:5432/shop',
  },
});

/** Variables of `doorbell relay`, the relay of an outbox. */
export const relayVariables = defineVariables({
  DATABASE_URL: {
    what: 'URL of the database with the outbox, past any pooling proxy; the log relay needs a user with REPLICATION.',
    schema: postgresUrl,
    readBy: ['relay'],
    secret: 'password',
    example: 'postgres://shop_relay:password@db.example:5432/shop',
  },
  DOORBELL_OUTBOX_SCHEMA: {
    what: 'Schema of the outbox.',
    schema: text(/^[a-z_][a-z0-9_]{0,39}$/, 'lower-case letters, digits and _, at most 40'),
    readBy: ['relay'],
    default: DEFAULT_SCHEMA,
    example: 'bell',
  },
  DOORBELL_TOPIC_ARN: {
    what: 'ARN of the topic for notifications.',
    schema: text(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic'),
    readBy: ['relay'],
    example: 'arn:aws:sns:eu-central-1:123456789012:production-changes',
  },
  DOORBELL_RELAY: {
    what: 'Source of the relay: the table of changes (position) or the write-ahead log (log).',
    schema: oneOf(['position', 'log']),
    readBy: ['relay'],
    default: 'position',
    example: 'log',
  },
  DOORBELL_RELAY_CHANNELS: {
    what: 'Number of SNS calls in flight; rings of one resource go through one channel.',
    // 50: the SDK opens no more connections (Node.js HTTP handler, maxSockets).
    schema: whole(1, 50, 'calls, 1 to 50'),
    readBy: ['relay'],
    default: String(CHANNELS),
    unit: 'calls of ten rings',
    example: '24',
  },
  DOORBELL_MESSAGE_GROUPS: {
    what: 'Message group per resource, for fair queues: on or off.',
    schema: oneOf(['on', 'off']),
    readBy: ['relay'],
    default: 'off',
    example: 'on',
  },
  DOORBELL_RETENTION_DAYS: {
    what: 'Time after which changes are removed, once every relay has passed them.',
    schema: whole(1, 3_650, 'days, 1 to 3650'),
    readBy: ['relay'],
    default: String(RETENTION_DAYS),
    unit: 'days',
    example: '90',
  },
  DOORBELL_RELAY_PORT: {
    what: 'Port for health and metrics of the relay; 0 takes any free port.',
    schema: port,
    readBy: ['relay'],
    default: '3001',
    example: '8081',
  },
  DOORBELL_HOST: {
    what: 'Address to listen at: 127.0.0.1 accepts this machine only, 0.0.0.0 all machines, as a container needs it.',
    schema: host,
    readBy: ['relay'],
    default: '127.0.0.1',
    example: '0.0.0.0',
  },
  ...awsVariables(['relay'], ['SNS']),
});
