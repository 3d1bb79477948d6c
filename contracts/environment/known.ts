/**
 * Names of all variables of Doorbell. The sides don't import each other, and one `.env` may serve all of them. By this
 * list a side tells another side's variable from a misspelt name. The types of the sides' tables refuse a name that is
 * missing here.
 */
const NAMES = [
  'DATABASE_URL',
  'DATABASE_ADMIN_URL',
  'DATABASE_READ_URL',
  'DATABASE_RELAY_URL',
  'DATABASE_SECRET_ARN',
  'DATABASE_ADMIN_SECRET_ARN',
  'DATABASE_CA_SECRET_ARN',
  'DATABASE_READ_SECRET_ARN',
  'DOORBELL_BENCH_PROFILE',
  'DOORBELL_BRAKE_LEAST',
  'DOORBELL_BRAKE_SHARE',
  'DOORBELL_BROKER',
  'DOORBELL_CHROMIUM',
  'DOORBELL_CONSUMER',
  'DOORBELL_CONSUMER_PORT',
  'DOORBELL_DEAD_LETTER_QUEUE_URL',
  'DOORBELL_FOREIGN_PYTHON',
  'DOORBELL_HOME',
  'DOORBELL_HOST',
  'DOORBELL_KEEP_ALIVE',
  'DOORBELL_MESSAGE_GROUPS',
  'DOORBELL_OPERATOR_TOKENS',
  'DOORBELL_OUTBOX_SCHEMA',
  'DOORBELL_PUBLISHER_PORT',
  'DOORBELL_QUEUE_URL',
  'DOORBELL_RATE_LIMIT',
  'DOORBELL_RELAY',
  'DOORBELL_RELAY_CHANNELS',
  'DOORBELL_RELAY_PORT',
  'DOORBELL_RETENTION_DAYS',
  'DOORBELL_SOURCE_TOKEN',
  'DOORBELL_SOURCE_TOKENS',
  'DOORBELL_SOURCE_TOKEN_SECRET_ARN',
  'DOORBELL_SOURCE_URL',
  'DOORBELL_SQS_TRANSPORT',
  'DOORBELL_STAGE',
  'DOORBELL_TABLE',
  'DOORBELL_TEST_BROKER',
  'DOORBELL_TEST_DYNAMODB',
  'DOORBELL_TEST_DYNAMODB_NAME',
  'DOORBELL_TEST_IMAGES',
  'DOORBELL_TOPIC_ARN',
  'DOORBELL_VIEWS',
  'DOORBELL_WINDOW',
] as const;

/** Variable for the port of a consumer in `npm start`: each consumer has its own. */
export type PortVariable = `DOORBELL_${string}_PORT`;

/** A name that some side may read. `AWS_*` are the variables of the AWS SDK. */
export type KnownVariable = (typeof NAMES)[number] | PortVariable | `AWS_${string}`;

/** Names a consumer's variable: `DOORBELL_DISPLAY_PORT` for display, and so on. */
export function portVariable(consumer: string): PortVariable {
  return `DOORBELL_${consumer.toUpperCase().replaceAll('-', '_')}_PORT`;
}

/** Lists the names of all sides, without the AWS SDK's; each of these consumers has a port. */
export function knownVariables(consumers: readonly string[]): string[] {
  return [...NAMES, ...consumers.map(portVariable)];
}
