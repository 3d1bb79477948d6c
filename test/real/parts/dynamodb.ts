import { runTests } from '../commands.ts';
import { startDynamoDbLocal } from '../dynamodb-local.ts';
import { startMinistack } from '../ministack.ts';
import type { Part, Service, Shared } from '../part.ts';

/** The suites that every store of views passes; here over a real table. */
const STORE_SUITES = ['view-store', 'view-store-property', 'query-apis'].map(
  (name) => `test/unit/consumers/${name}.test.ts`,
);

type Start = () => Promise<Service & { url: string }>;

function overTables(part: string, against: string, start: Start, files: readonly string[], config?: string): Part {
  return {
    part,
    against,
    async run(shared: Shared) {
      const { url } = await shared(start);
      return runTests(files, { DOORBELL_TEST_DYNAMODB: url, DOORBELL_TEST_DYNAMODB_NAME: against }, config);
    },
  };
}

/** Views in DynamoDB: what every store must do, and what only a table can show. */
export const dynamodbParts: Part[] = [
  overTables('views', 'DynamoDB Local 2.6.1', startDynamoDbLocal, STORE_SUITES, 'test/vitest.config.ts'),
  overTables('table', 'DynamoDB Local 2.6.1', startDynamoDbLocal, ['test/real/dynamodb.test.ts']),
  overTables('views', 'ministack 1.5.33', startMinistack, STORE_SUITES, 'test/vitest.config.ts'),
];
