import type { Part } from '../../../consumers/part.ts';
import { TIME_TO_LIVE, tableOf } from '../../../consumers/stores/dynamodb/table.ts';
import { getAtt, logicalId, type Resources, STAGE, sub } from './values.ts';

/** Names the table of a consumer in the template. */
export const tableId = (consumer: string) => `${logicalId(consumer)}Table`;

/** Makes the table of each consumer's views. */
export function tableResources(consumers: readonly Part[]): Resources {
  return Object.fromEntries(
    consumers.map(({ consumer: { agreement }, indexes }) => [
      tableId(agreement.name),
      {
        Type: 'AWS::DynamoDB::Table',
        // DeletionProtectionEnabled protects it. Without a table, views are built again from the source.
        DeletionPolicy: 'Delete',
        UpdateReplacePolicy: 'Delete',
        Properties: {
          TableName: sub(`${STAGE}-${agreement.name}-views`),
          ...tableOf(indexes),
          TimeToLiveSpecification: TIME_TO_LIVE,
          DeletionProtectionEnabled: { 'Fn::If': ['IsProtected', true, false] },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: getAtt('Key', 'Arn') },
        },
      },
    ]),
  );
}
