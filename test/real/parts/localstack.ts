import { runTests } from '../commands.ts';
import { startLocalStack } from '../localstack.ts';
import type { Part, Shared } from '../part.ts';

/** The suites that also run on the embedded broker; here on a real one. */
const BROKER_SUITES = ['provision', 'doctor', 'sqs-queue', 'dead-letters', 'whole-path'].map(
  (name) => `test/integration/${name}.test.ts`,
);

/** What a test needs to find LocalStack. */
async function onLocalStack(shared: Shared): Promise<Record<string, string>> {
  const { url } = await shared(startLocalStack);
  return { DOORBELL_TEST_BROKER: url };
}

/** SNS and SQS as LocalStack has them. */
export const localstackParts: Part[] = [
  {
    part: 'broker',
    against: 'LocalStack 4.14.0',
    run: async (shared) => runTests(BROKER_SUITES, await onLocalStack(shared), 'test/vitest.config.ts'),
  },
  {
    part: 'processes',
    against: 'LocalStack 4.14.0',
    run: async (shared) => runTests(['test/real/processes.test.ts'], await onLocalStack(shared)),
  },
  {
    part: 'letters',
    against: 'LocalStack 4.14.0',
    run: async (shared) => runTests(['test/real/dead-letters.test.ts'], await onLocalStack(shared)),
  },
];
