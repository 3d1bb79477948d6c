import { httpUrl, text } from '../../contracts/environment/forms.ts';
import type { Environment } from '../../contracts/environment/unknown.ts';
import { defineVariables } from '../../contracts/environment/variable.ts';
import { consumerVariables, readVariables } from '../variables.ts';

/** Configuration of a consumer's query API. */
export type QueriesConfig = { table: string };

/** Configuration of a consumer's SQS handler. The token is not in it: it is read from its secret. */
export type HandlerConfig = QueriesConfig & {
  stage: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  sourceUrl: string;
  tokenArn: string;
  aws: AwsPlace;
};

/** Addresses of the services that are called without the SDK, and the region that calls are signed for. */
export type AwsPlace = { region: string; sqs: string; secretsmanager: string };

/**
 * Reads the environment of a query API. Throws an Error that names each variable that is missing, malformed or unknown.
 */
export function readQueriesConfig(environment: Environment): QueriesConfig {
  return { table: readVariables(consumerVariables, 'consumer-queries', environment).DOORBELL_TABLE };
}

/**
 * Reads the environment of an SQS handler. Throws an Error that names each variable that is missing, malformed or
 * unknown.
 */
export function readHandlerConfig(environment: Environment): HandlerConfig {
  const read = readVariables(consumerVariables, 'consumer-handler', environment);
  return {
    stage: read.DOORBELL_STAGE,
    table: read.DOORBELL_TABLE,
    queueUrl: read.DOORBELL_QUEUE_URL,
    deadLetterQueueUrl: read.DOORBELL_DEAD_LETTER_QUEUE_URL,
    sourceUrl: read.DOORBELL_SOURCE_URL,
    tokenArn: read.DOORBELL_SOURCE_TOKEN_SECRET_ARN,
    aws: placeOf(read.DOORBELL_SOURCE_TOKEN_SECRET_ARN, environment),
  };
}

const endpoint = {
  schema: httpUrl('a URL such as http://localhost:4566'),
  readBy: ['handler'],
  optional: true,
} as const;
const endpointExample = { example: 'http://localhost:4566' };

/** Variables that the SDK would read by itself; Lambda sets the region. */
const placeVariables = defineVariables({
  AWS_REGION: {
    what: 'Region of the function.',
    schema: text(/^[a-z0-9-]+$/, 'a region such as eu-central-1'),
    readBy: ['handler'],
    example: 'eu-central-1',
  },
  AWS_ENDPOINT_URL: { ...endpoint, ...endpointExample, what: 'URL of all AWS services, if not AWS itself.' },
  AWS_ENDPOINT_URL_SQS: { ...endpoint, ...endpointExample, what: 'URL of SQS, if it differs.' },
  AWS_ENDPOINT_URL_SECRETS_MANAGER: {
    ...endpoint,
    ...endpointExample,
    what: 'URL of Secrets Manager, if it differs.',
  },
});

function placeOf(arn: string, environment: Environment): AwsPlace {
  const read = readVariables(placeVariables, 'handler', environment);
  const { AWS_REGION: region, AWS_ENDPOINT_URL: anywhere } = read;
  const suffix = arn.startsWith('arn:aws-cn:') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    region,
    sqs: read.AWS_ENDPOINT_URL_SQS ?? anywhere ?? `https://sqs.${region}.${suffix}`,
    secretsmanager: read.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? anywhere ?? `https://secretsmanager.${region}.${suffix}`,
  };
}
