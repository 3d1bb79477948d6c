import type { Part } from '../../../consumers/part.ts';
import { TIME_TO_LIVE, tableOf } from '../../../consumers/stores/dynamodb/table.ts';
import { getAtt, logicalId, type Resources, STAGE, sub } from './values.ts';

/** A consumer's table in the template. */
export const tableId = (consumer: string) => `${logicalId(consumer)}Table`;

/** The table of every consumer's views. */
export function tableResources(consumers: readonly Part[]): Resources {
  return Object.fromEntries(
    consumers.map(({ consumer: { agreement }, indexes }) => [
      tableId(agreement.name),
      {
        Type: 'AWS::DynamoDB::Table',
        // DeletionProtectionEnabled keeps it; without, views are made anew from the source.
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
