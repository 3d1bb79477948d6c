import { join } from 'node:path';
import { ends, runTests } from './commands.ts';
import type { PartOutcome } from './part.ts';
import { pythonEnvironment } from './python.ts';

const DOCKERFILE = 'localstack/infrastructure/images/Dockerfile';

/** The Dockerfile by the rules of hadolint, all of them; what it would ignore it must say in the file. */
export async function lintDockerfiles(): Promise<PartOutcome> {
  const bin = pythonEnvironment(['3.11', '3.12', '3.13'], 'test/real/hadolint-requirements.txt');
  const rules = ['--failure-threshold', 'style', '--disable-ignore-pragma'];
  return { faults: await ends(join(bin, 'hadolint'), [...rules, DOCKERFILE]) };
}

/** Does what the Dockerfile does in an empty folder, the installation of packages too, and starts what comes of it. */
export async function buildWithoutEngine(): Promise<PartOutcome> {
  return runTests(['test/integration/images.test.ts'], { DOORBELL_TEST_IMAGES: 'installed' }, 'test/vitest.config.ts');
}
