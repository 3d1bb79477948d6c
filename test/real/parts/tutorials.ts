import { resolve } from 'node:path';
import { runTests } from '../commands.ts';
import { startLocalStack } from '../localstack.ts';
import type { Part, Shared } from '../part.ts';
import { pythonEnvironment } from '../python.ts';

/** The pages of docs/tutorials, followed block by block in their order with the packed package. They start fauxqs. */
async function follow(broker: Record<string, string>) {
  const python = pythonEnvironment(['3.13', '3.12'], 'test/clients/requirements.txt');
  return runTests(['test/real/tutorials.test.ts'], { ...broker, PATH: `${resolve(python)}:${process.env.PATH}` });
}

/** What a new user does with the pages alone. */
export const tutorialParts: Part[] = [
  { part: 'tutorials', against: 'fauxqs 2', run: () => follow({}) },
  {
    part: 'tutorials',
    against: 'LocalStack 4.14.0',
    async run(shared: Shared) {
      const { url } = await shared(startLocalStack);
      return follow({ DOORBELL_TEST_BROKER: url });
    },
  },
];
