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

async function onLocalStack(): Promise<Result> {
  const part = { part: 'provisioning, queue, whole path', against: 'LocalStack 4.14.0' };
  try {
    const localstack = await startLocalStack();
    const arguments_ = ['run', '--config', 'test/vitest.config.ts', ...BROKER_SUITES];
    const env = { ...process.env, DOORBELL_TEST_BROKER: localstack.url };
    const [status] = await once(spawn('vitest', arguments_, { stdio: 'inherit', env }), 'close');
    await localstack.stop();
    return { ...part, result: status === 0 ? 'passed' : 'failed', note: '' };
  } catch (error) {
    return { ...part, result: error instanceof Missing ? 'could not run' : 'failed', note: (error as Error).message };
  }
}

/** Installs a package of tools beside the project's own, once, as its lock file says. */
function install(folder: string): void {
  if (existsSync(`${folder}/node_modules`)) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function byStandardValidators(): Promise<Result> {
  const part = { part: 'API documents', against: '@redocly/cli and @asyncapi/parser' };
  install('test/contract');
  const [status] = await once(spawn('node', ['test/contract/validate.ts'], { stdio: 'inherit' }), 'close');
  return { ...part, result: status === 0 ? 'passed' : 'failed', note: '' };
}

async function bySchemathesis(): Promise<Result> {
  const part = { part: 'API documents', against: 'schemathesis 4.32.5' };
  try {
    const faults = await runSchemathesis();
    return { ...part, result: faults.length === 0 ? 'passed' : 'failed', note: faults.join('; ') };
  } catch (error) {
    return { ...part, result: error instanceof Missing ? 'could not run' : 'failed', note: (error as Error).message };
  }
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

async function inChromium(): Promise<Result> {
  const part = { part: 'page of the API', against: 'Chromium' };
  const known = [process.env.DOORBELL_CHROMIUM ?? [], BROWSERS].flat();
  const found = known.find((name) => spawnSync(name, ['--version']).status === 0);
  if (found === undefined)
    return { ...part, result: 'could not run', note: 'needs chromium on the path, or DOORBELL_CHROMIUM' };
  install('test/browser');
  const DOORBELL_CHROMIUM = found.includes('/') ? found : execFileSync('which', [found], { encoding: 'utf8' }).trim();
  const arguments_ = ['run', '--config', 'test/browser/vitest.config.ts'];
  const env = { ...process.env, DOORBELL_CHROMIUM };
  const [status] = await once(spawn('vitest', arguments_, { stdio: 'inherit', env }), 'close');
  return { ...part, result: status === 0 ? 'passed' : 'failed', note: '' };
}

async function byPact(): Promise<Result> {
  const part = { part: 'pacts of the consumers', against: '@pact-foundation/pact' };
  install('test/contract');
  const arguments_ = ['run', '--config', 'test/contract/vitest.config.ts'];
  const [status] = await once(spawn('vitest', arguments_, { stdio: 'inherit' }), 'close');
  return { ...part, result: status === 0 ? 'passed' : 'failed', note: '' };
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
