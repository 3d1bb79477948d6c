import { policyOf, queueOnlyByTls } from '../../settings.ts';
import { queueOf } from '../places.ts';
import { sizes } from '../sizes.ts';
import { topicArn } from '../topic.ts';
import { getAtt, onlyIf, ref, STAGE } from '../values.ts';
import { allow, type FunctionSpec } from './function.ts';
import { readSecrets, useKey } from './grants.ts';

/** The name of the role that publishes. */
export const RELAY_ROLE = 'PublisherRelayRole';
/** The name of the publisher's API. */
export const PUBLISHER_API = 'PublisherHttpApi';

/** Describes the functions of the publisher: its APIs, the relay, and the migrations. */
export function publisherFunctions(): FunctionSpec[] {
  return [api, relay, migrate];
}

/** The CA for primary and replica, which are in one place. */
const CA_SECRET = onlyIf('HasCaSecret', ref('DatabaseCaSecretArn'));

const api: FunctionSpec = {
  name: 'publisher-api',
  description: 'Commands, history and source APIs of the shops.',
  size: sizes.api,
  concurrency: ref('ApiConcurrency'),
  environment: {
    DATABASE_SECRET_ARN: ref('DatabaseSecretArn'),
    DATABASE_CA_SECRET_ARN: CA_SECRET,
    DATABASE_READ_SECRET_ARN: onlyIf('HasReadSecret', ref('DatabaseReadSecretArn')),
    DOORBELL_SOURCE_TOKENS: ref('SourceTokens'),
    DOORBELL_OPERATOR_TOKENS: ref('OperatorTokens'),
    DOORBELL_RATE_LIMIT: onlyIf('HasRateLimit', ref('RateLimit')),
  },
  grants: readSecrets([ref('DatabaseSecretArn'), CA_SECRET, onlyIf('HasReadSecret', ref('DatabaseReadSecretArn'))]),
  inVpc: true,
  // An import sends 1,700 commands a second, and four consumers ask for some hundred shops each.
  api: { id: PUBLISHER_API, name: 'publisher', rate: 2_000, burst: 1_000 },
};

const relay: FunctionSpec = {
  name: 'publisher-relay',
  description: 'Publishes committed events to the topic as rings.',
  size: sizes.relay,
  // 2: one leads, and one waits to take over.
  concurrency: 2,
  environment: {
    DATABASE_SECRET_ARN: ref('DatabaseSecretArn'),
    DATABASE_CA_SECRET_ARN: CA_SECRET,
    DOORBELL_TOPIC_ARN: topicArn,
    DOORBELL_MESSAGE_GROUPS: ref('MessageGroups'),
  },
  grants: [
    ...readSecrets([ref('DatabaseSecretArn'), CA_SECRET]),
    allow('Ring', ['sns:Publish'], topicArn),
    allow('FailedRuns', ['sqs:SendMessage'], getAtt('RelayFailedRuns', 'Arn')),
    useKey('sns', ['kms:GenerateDataKey', 'kms:Decrypt']),
    useKey('sqs', ['kms:GenerateDataKey', 'kms:Decrypt']),
  ],
  inVpc: true,
  events: {
    EveryMinute: {
      Type: 'Schedule',
      // A run that could not start is no loss: the next one, a minute later, does its work.
      Properties: {
        Schedule: 'rate(1 minute)',
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    },
  },
  more: {
    EventInvokeConfig: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    DeadLetterQueue: { Type: 'SQS', TargetArn: getAtt('RelayFailedRuns', 'Arn') },
  },
  resources: queueOf(
    'RelayFailedRuns',
    `${STAGE}-relay-failed-runs`,
    { MessageRetentionPeriod: 14 * 24 * 60 * 60 },
    policyOf([queueOnlyByTls(getAtt('RelayFailedRuns', 'Arn'))]),
  ),
};

const migrate: FunctionSpec = {
  name: 'publisher-migrate',
  description: 'Migrates the database. Invoked by doorbell deploy.',
  size: sizes.migrate,
  concurrency: 1,
  environment: { DATABASE_ADMIN_SECRET_ARN: ref('DatabaseAdminSecretArn'), DATABASE_CA_SECRET_ARN: CA_SECRET },
  grants: readSecrets([ref('DatabaseAdminSecretArn'), CA_SECRET]),
  inVpc: true,
};
