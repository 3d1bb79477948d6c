import { resolve } from 'node:path';
import { install, runTests } from '../commands.ts';
import { startLocalStack } from '../localstack.ts';
import type { Part, Shared } from '../part.ts';
import { pythonEnvironment } from '../python.ts';

/** Publisher and consumer of somebody else, on a broker or on the embedded one. */
async function withStrangers(broker: Record<string, string>) {
  install('test/foreign');
  const python = pythonEnvironment(['3.13', '3.12'], 'test/foreign/requirements.txt');
  const files = ['publisher', 'consumer'].map((name) => `test/real/foreign-${name}.test.ts`);
  return runTests(files, { ...broker, PATH: `${resolve(python)}:${process.env.PATH}` });
}

const note = 'boto3, and sqs-consumer';

/** What others write against topic, queue and source API. */
export const foreignParts: Part[] = [
  { part: 'foreign', against: 'fauxqs 2.4.1', run: async () => ({ ...(await withStrangers({})), note }) },
  {
    part: 'foreign',
    against: 'LocalStack 4.14.0',
    async run(shared: Shared) {
      const { url } = await shared(startLocalStack);
      return { ...(await withStrangers({ DOORBELL_TEST_BROKER: url })), note };
    },
  },
];
