import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { startLocalStack } from './localstack.ts';
import { Missing } from './python.ts';
import { runSchemathesis } from './schemathesis.ts';

/** `npm run test:real`: what needs more than npm. What can't run here is named, and counts as failed. */
type Result = { part: string; against: string; result: 'passed' | 'failed' | 'could not run'; note: string };

/** The suites that also run on the embedded broker; here on a real one. */
const BROKER_SUITES = ['provision', 'sqs-queue', 'dead-letters', 'whole-path'].map(
  (name) => `test/integration/${name}.test.ts`,
);

function onLocalStack(): Promise<Result> {
  return outcome({ part: 'provisioning, queue, whole path', against: 'LocalStack 4.14.0' }, async () => {
    const localstack = await startLocalStack();
    const env = { ...process.env, DOORBELL_TEST_BROKER: localstack.url };
    const faults = await ends('vitest', ['run', '--config', 'test/vitest.config.ts', ...BROKER_SUITES], env);
    await localstack.stop();
    return faults;
  });
}

/** Installs a package of tools beside the project's own, once, as its lock file says. */
function install(folder: string): void {
  if (existsSync(`${folder}/node_modules`)) return;
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (cause) {
    throw new Missing(`npm --prefix ${folder} ci failed`, { cause });
  }
}

type Part = Pick<Result, 'part' | 'against'>;

/** What can't be installed can't run; whatever else goes wrong is a failure. Either way the other parts run. */
async function outcome(part: Part, work: () => Promise<string[]>): Promise<Result> {
  try {
    const faults = await work();
    return { ...part, result: faults.length === 0 ? 'passed' : 'failed', note: faults.join('; ') };
  } catch (error) {
    return { ...part, result: error instanceof Missing ? 'could not run' : 'failed', note: (error as Error).message };
  }
}

/** Runs a command; what it has to say it prints itself. */
async function ends(command: string, arguments_: string[], env = process.env): Promise<string[]> {
  const [status] = await once(spawn(command, arguments_, { stdio: 'inherit', env }), 'close');
  return status === 0 ? [] : ['see above'];
}

function byStandardValidators(): Promise<Result> {
  return outcome({ part: 'API documents', against: '@redocly/cli and @asyncapi/parser' }, async () => {
    install('test/contract');
    return ends('node', ['test/contract/validate.ts']);
  });
}

const bySchemathesis = () => outcome({ part: 'API documents', against: 'schemathesis 4.32.5' }, runSchemathesis);

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

function inChromium(): Promise<Result> {
  return outcome({ part: 'page of the API', against: 'Chromium' }, async () => {
    const known = [process.env.DOORBELL_CHROMIUM ?? [], BROWSERS].flat();
    const found = known.find((name) => spawnSync(name, ['--version']).status === 0);
    if (found === undefined) throw new Missing('needs chromium on the path, or DOORBELL_CHROMIUM');
    install('test/browser');
    const DOORBELL_CHROMIUM = found.includes('/') ? found : execFileSync('which', [found], { encoding: 'utf8' }).trim();
    return ends('vitest', ['run', '--config', 'test/browser/vitest.config.ts'], { ...process.env, DOORBELL_CHROMIUM });
  });
}

function byPact(): Promise<Result> {
  return outcome({ part: 'pacts of the consumers', against: '@pact-foundation/pact' }, async () => {
    install('test/contract');
    return ends('vitest', ['run', '--config', 'test/contract/vitest.config.ts']);
  });
}

const results = [
  await byPact(),
  await byStandardValidators(),
  await bySchemathesis(),
  await inChromium(),
  await onLocalStack(),
];
const lines = results.map(({ part, against, result, note }) =>
  `${result.padEnd(14)}  ${part}  on  ${against}  ${note}`.trimEnd(),
);
process.stdout.write(`\n${lines.join('\n')}\n`);
if (results.some(({ result }) => result !== 'passed')) process.exitCode = 1;
