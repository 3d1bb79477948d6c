import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * `npm run bench -- consumer|publisher|lambda [--json] [--runs n] [--workload name …] [--subject name …]`; installs the peers that are
 * missing first. `npm run bench -- cost [--json] [--workload name …] [--dynamodb url] [--count item=number …]`, `npm run bench -- cost --functions [--json]` and
 * `npm run bench -- storage [--json]` need none, nor does `npm run bench -- audit [--workload small]`.
 */
const here = fileURLToPath(new URL('.', import.meta.url));
const [bench = '', ...rest] = process.argv.slice(2);
const benches = ['consumer', 'publisher', 'lambda', 'cost', 'storage', 'audit'];
/** These stand beside nobody, or beside our own. */
const alone = ['cost', 'storage', 'audit'];

if (!benches.includes(bench)) {
  process.stderr.write(
    `Which one? npm run bench -- ${benches.join(' | ')} [--json] [--runs 3] [--workload …] [--subject …]\n`,
  );
  process.exit(2);
}
const { dependencies } = JSON.parse(readFileSync(`${here}/package.json`, 'utf8')) as { dependencies: object };
if (!alone.includes(bench) && !Object.keys(dependencies).every((name) => existsSync(`${here}/node_modules/${name}`))) {
  process.stderr.write('Installing the peers …\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(1);
}
const { status } = spawnSync(process.execPath, [`${here}/${bench}/bench.ts`, ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
