import { execFileSync, spawnSync } from 'node:child_process';
import { install, runTests } from '../commands.ts';
import { Missing, type Part } from '../part.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The pages, in a browser that the machine brings. */
export const browserParts: Part[] = [
  {
    part: 'browser',
    against: 'Chromium',
    async run() {
      const known = [process.env.DOORBELL_CHROMIUM ?? [], NAMES].flat();
      const found = known.find((name) => spawnSync(name, ['--version']).status === 0);
      if (found === undefined) throw new Missing('needs chromium on the path, or DOORBELL_CHROMIUM');
      install('test/browser');
      const path = found.includes('/') ? found : execFileSync('which', [found], { encoding: 'utf8' }).trim();
      return runTests([], { DOORBELL_CHROMIUM: path }, 'test/browser/vitest.config.ts');
    },
  },
];
