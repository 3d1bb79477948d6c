import { ends, install, runTests } from '../commands.ts';
import type { Part } from '../part.ts';
import { runSchemathesis } from '../schemathesis.ts';

/** What publisher and consumers have agreed on, by the tools that others use for it. */
export const contractParts: Part[] = [
  {
    part: 'pacts',
    against: '@pact-foundation/pact',
    async run() {
      install('test/contract');
      return runTests([], {}, 'test/contract/vitest.config.ts');
    },
  },
  {
    part: 'documents',
    against: '@redocly/cli, @asyncapi/parser',
    async run() {
      install('test/contract');
      return { faults: await ends('node', ['test/contract/validate.ts']) };
    },
  },
  {
    part: 'fuzz',
    against: 'schemathesis 4.32.5',
    run: async () => ({ faults: await runSchemathesis() }),
  },
];
