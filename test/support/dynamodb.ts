import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import type { Indexes } from '../../consumers/runtime/views/view-store.ts';
import { TIME_TO_LIVE, tableOf } from '../../consumers/stores/dynamodb/table.ts';

/** A client's configuration for an emulator, which takes any credentials. */
export const endpoint = (url: string) => ({
  endpoint: url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** A table of its own for a test, as a template would make it; gives back its name. */
export async function createTable(url: string, indexes: Indexes): Promise<string> {
  const client = new DynamoDBClient(endpoint(url));
  const TableName = `views-${randomUUID()}`;
  await client.send(new CreateTableCommand({ TableName, ...tableOf(indexes) }));
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: TIME_TO_LIVE }));
  client.destroy();
  return TableName;
}
