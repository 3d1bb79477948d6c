import type { Part } from '../../../../consumers/part.ts';
import { ACTIONS, tableOf } from '../../../../consumers/stores/dynamodb/table.ts';
import { placeIds } from '../places.ts';
import { BATCH_SIZE, BATCH_WINDOW, sizes } from '../sizes.ts';
import { tableId } from '../tables.ts';
import { getAtt, logicalId, ref, type Value } from '../values.ts';
import { allow, type FunctionSpec } from './function.ts';
import { readSecrets, useKey } from './grants.ts';
import { PUBLISHER_API } from './publisher.ts';

/** Describes the functions of a consumer: one that its queue invokes, and its query API. */
export function consumerFunctions(part: Part): FunctionSpec[] {
  return [handler(part), queries(part)];
}

/** Names the parameter for the secret with the consumer's token. */
export const tokenParameter = (consumer: string) => `${logicalId(consumer)}SourceTokenSecretArn`;

/** Names the API for a consumer's queries. */
export const queryApi = (consumer: string) => `${logicalId(consumer)}HttpApi`;

/** The URL of the source APIs: that of a parameter, or of this stack's publisher. */
export const sourceUrl: Value = { 'Fn::If': ['HasSourceUrl', ref('SourceUrl'), getAtt(PUBLISHER_API, 'ApiEndpoint')] };

function handler({ consumer: { agreement } }: Part): FunctionSpec {
  const { name } = agreement;
  const { queue, deadLetterQueue } = placeIds(name);
  const table = getAtt(tableId(name), 'Arn');
  return {
    name,
    description: `Looks at shops that ring, and writes the views of ${name}.`,
    size: sizes.consumer,
    concurrency: ref('ConsumerConcurrency'),
    environment: {
      DOORBELL_QUEUE_URL: ref(queue),
      DOORBELL_DEAD_LETTER_QUEUE_URL: ref(deadLetterQueue),
      DOORBELL_SOURCE_URL: sourceUrl,
      DOORBELL_SOURCE_TOKEN_SECRET_ARN: ref(tokenParameter(name)),
      DOORBELL_TABLE: ref(tableId(name)),
    },
    grants: [
      allow('Queue', TAKE, getAtt(queue, 'Arn')),
      allow('DeadLetters', ['sqs:SendMessage'], getAtt(deadLetterQueue, 'Arn')),
      useKey('sqs', ['kms:Decrypt', 'kms:GenerateDataKey']),
      allow('Views', ACTIONS.handler.table, table),
      useKey('dynamodb', ['kms:Decrypt']),
      ...readSecrets([ref(tokenParameter(name))]),
    ],
    events: {
      Rings: {
        Type: 'SQS',
        Properties: {
          Queue: getAtt(queue, 'Arn'),
          BatchSize: BATCH_SIZE,
          MaximumBatchingWindowInSeconds: BATCH_WINDOW,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          // Not above the reserved concurrency: a message that Lambda takes and can't run would count as received.
          ScalingConfig: { MaximumConcurrency: ref('ConsumerConcurrency') },
        },
      },
    },
  };
}

/** Actions of Lambda and the handler on a queue. */
const TAKE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'];

function queries({ consumer: { agreement }, indexes }: Part): FunctionSpec {
  const { name } = agreement;
  const { table, indexes: ofIndexes } = ACTIONS.queries;
  const tableArn = getAtt(tableId(name), 'Arn');
  const indexArns = tableOf(indexes).GlobalSecondaryIndexes.map(({ IndexName }) => ({
    'Fn::Sub': `\${${tableId(name)}.Arn}/index/${IndexName}`,
  }));
  return {
    name: `${name}-queries`,
    description: `Answers queries from the views of ${name}.`,
    size: sizes.queries,
    concurrency: ref('QueryConcurrency'),
    environment: { DOORBELL_TABLE: ref(tableId(name)) },
    grants: [
      allow('Views', table, tableArn),
      allow('Indexes', ofIndexes, indexArns),
      useKey('dynamodb', ['kms:Decrypt']),
    ],
    api: { id: queryApi(name), name, rate: 1_000, burst: 500 },
  };
}
