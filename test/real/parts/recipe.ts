import { newConsumer } from '../../../localstack/release/new/consumer.ts';
import { copyProject } from '../../support/project-copy.ts';
import { ends, install } from '../commands.ts';
import type { Part } from '../part.ts';

/** What CONTRIBUTING tells those who add a consumer, followed in a copy of the project, with the whole suite over it. */
export const recipeParts: Part[] = [
  {
    part: 'recipe',
    against: 'a copy of the project with one consumer more',
    async run() {
      install('test/contract');
      const copy = copyProject(['test/contract/node_modules']);
      const node = (...args: string[]) => ends(process.execPath, args, process.env, copy.folder);
      try {
        newConsumer('press', copy.folder);
        const suite = ['run', '--config', 'test/vitest.config.ts', '--exclude', 'test/house/recipe.test.ts'];
        return {
          faults: [
            ...(await node('localstack/release/main.ts', 'docs')),
            ...(await node('localstack/release/main.ts', 'check')),
            ...(await node('test/contract/record.ts')),
            ...(await node('node_modules/typescript/bin/tsc')),
            ...(await node('node_modules/vitest/vitest.mjs', ...suite)),
          ],
        };
      } finally {
        copy.remove();
      }
    },
  },
];
