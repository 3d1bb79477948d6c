import { runTests } from '../commands.ts';
import { startLocalStack } from '../localstack.ts';
import { startMinistack } from '../ministack.ts';
import type { Part } from '../part.ts';

/** `doorbell deploy`, `doctor` and `destroy` against what has CloudFormation. */
export const deployParts: Part[] = [
  {
    part: 'deploy',
    against: 'LocalStack 4.14.0',
    async run(shared) {
      const { url } = await shared(startLocalStack);
      return runTests(['test/real/deploy-messaging.test.ts'], { DOORBELL_TEST_BROKER: url });
    },
  },
  {
    part: 'deploy',
    against: 'ministack 1.5.33',
    async run(shared) {
      const { url } = await shared(startMinistack);
      return runTests(['test/real/deploy-functions.test.ts'], { DOORBELL_TEST_BROKER: url });
    },
  },
];
