import type { Environment } from '../../contracts/environment/unknown.ts';
import { publisherVariables, readVariables } from '../variables.ts';

/** Configuration of the API. The addresses of its databases are read from their secrets. */
export type ApiConfig = {
  databaseArn: string;
  readArn: string | undefined;
  /** ARN of the secret with the CA of both databases, if Node does not know that CA. */
  caArn: string | undefined;
  tokens: Record<string, string[]>;
  operatorTokens: string[];
  rateLimit: number;
};

/** Configuration of the relay. */
export type RelayConfig = {
  stage: string;
  databaseArn: string;
  caArn: string | undefined;
  topicArn: string;
  messageGroups: boolean;
};

/** Reads the environment of the API. Throws an Error that names each variable that is missing, malformed or unknown. */
export function readApiConfig(environment: Environment): ApiConfig {
  const read = readVariables(publisherVariables, 'publisher-api', environment);
  return {
    databaseArn: read.DATABASE_SECRET_ARN,
    readArn: read.DATABASE_READ_SECRET_ARN,
    caArn: read.DATABASE_CA_SECRET_ARN,
    tokens: read.DOORBELL_SOURCE_TOKENS,
    operatorTokens: read.DOORBELL_OPERATOR_TOKENS,
    rateLimit: read.DOORBELL_RATE_LIMIT,
  };
}

/**
 * Reads the environment of the relay. Throws an Error that names each variable that is missing, malformed or unknown.
 */
export function readRelayConfig(environment: Environment): RelayConfig {
  const read = readVariables(publisherVariables, 'publisher-relay', environment);
  return {
    stage: read.DOORBELL_STAGE,
    databaseArn: read.DATABASE_SECRET_ARN,
    caArn: read.DATABASE_CA_SECRET_ARN,
    topicArn: read.DOORBELL_TOPIC_ARN,
    messageGroups: read.DOORBELL_MESSAGE_GROUPS === 'on',
  };
}

/**
 * Reads the migration's environment. Throws an Error that names each variable that is missing, malformed or unknown.
 */
export function readMigrateConfig(environment: Environment): { adminArn: string; caArn: string | undefined } {
  const read = readVariables(publisherVariables, 'publisher-migrate', environment);
  return { adminArn: read.DATABASE_ADMIN_SECRET_ARN, caArn: read.DATABASE_CA_SECRET_ARN };
}
