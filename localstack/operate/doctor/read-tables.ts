import { andThen, ask, type Read, readValue } from '../../infrastructure/aws/ask.ts';
import { DescribeTableCommand, DescribeTimeToLiveCommand, type DynamoDBClient } from '../../infrastructure/aws/more.ts';
import type { TableState } from './state.ts';

/** Reads a table by its name; null if there is none. */
export async function readTable(dynamo: DynamoDBClient, TableName: string): Promise<Read<TableState | null>> {
  const table = await ask(dynamo.send(new DescribeTableCommand({ TableName })), {
    absent: ['ResourceNotFoundException'],
  });
  return andThen(table, async ({ Table: { GlobalSecondaryIndexes: indexes = [] } = {} }) => {
    const ttl = await ask(dynamo.send(new DescribeTimeToLiveCommand({ TableName })));
    const { TimeToLiveStatus = '', AttributeName = null } = readValue(ttl)?.TimeToLiveDescription ?? {};
    return {
      value: {
        timeToLive: 'value' in ttl ? { value: /^ENABL/.test(TimeToLiveStatus) ? AttributeName : null } : ttl,
        indexes: indexes.map(({ IndexName = '' }) => IndexName),
      },
    };
  });
}
