import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AGREEMENT, COMMON_JS, COMMON_TS, READER, ROOT, SERVICE } from '../../support/package-programs.ts';
import { textOf } from '../../support/sources.ts';
import { Missing, type Part } from '../part.ts';

/** The files of the guide, by the name in the first line of each block. */
const GUIDE = [...textOf('docs/library.md').matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)];

/** The programs of an empty project. */
const PROGRAMS: Record<string, string> = {
  'package.json': '{"type":"module","private":true}',
  'press.ts': AGREEMENT,
  'service.ts': SERVICE,
  'reader.ts': READER,
  'fetching.ts': READER.replace(', http: undiciHttp', ''),
  'root.ts': ROOT,
  'common.cjs': COMMON_JS,
  'common.cts': COMMON_TS,
  'aws.ts': ['sqs', 'sns', 'dynamodb-view-store', 'dynamodb-table']
    .map((name) => `import 'doorbell/${name}';`)
    .join(''),
  ...Object.fromEntries(GUIDE.map(([, name = '', text = '']) => [name, text])),
};

const FOUND = /found found,behind,unchanged soup found\ntrue/;

/** What a program prints, on every runtime. */
const PRINTS: readonly (readonly [program: string, output: RegExp])[] = [
  ['root.ts', /true createOutbox,defineAgreement,defineConsumer,sourceRoutes,startConsumer/],
  ['common.cjs', /function 4 function/],
  ['service.ts', /"version":1,"resource":\{"name":"soup"\}\} true function/],
  ['fetching.ts', FOUND],
];
const WITH_UNDICI = [...PRINTS, ['reader.ts', FOUND] as const];

const TESTS = ['consumer.test.ts', 'store.test.ts'];
const DENO = ['-A', '--node-modules-dir=manual'];
const CHECKED = ['--target', 'es2023', '--strict', '--noEmit', '--allowImportingTsExtensions', '--types', 'node'];

type Trial = {
  against: string;
  packages: string[];
  /** Commands by their arguments, the first by its name in `node_modules/.bin`, with what they must print. */
  commands: (readonly [command: readonly string[], output: RegExp])[];
};

const runsBy = (runtime: readonly string[], programs: typeof PRINTS): Trial['commands'] =>
  programs.map(([program, output]) => [[...runtime, program], output]);

const trials: Trial[] = [
  ...['22.19.0', '24'].map((version) => ({
    against: `Node ${version}`,
    packages: [`node@${version}`],
    commands: [
      ...runsBy(['node', '--experimental-strip-types'], WITH_UNDICI),
      [['node', '--experimental-strip-types', '--test', ...TESTS], /pass 11\b[\s\S]*fail 0/] as const,
      [['doorbell', 'outbox', 'sql'], /create schema if not exists doorbell/] as const,
    ],
  })),
  {
    against: 'Bun',
    packages: ['bun'],
    commands: [...runsBy(['bun', 'run'], PRINTS), [['bun', 'test', ...TESTS], / 0 fail/]],
  },
  {
    against: 'Deno',
    packages: ['deno'],
    commands: [...runsBy(['deno', 'run', ...DENO], WITH_UNDICI), [['deno', 'test', ...DENO, ...TESTS], /0 failed/]],
  },
  {
    against: 'the lowest hono, zod, TypeScript and clients of AWS',
    packages: [
      ...['hono@4.7.0', 'zod@4.5.0', 'typescript@5.9', '@types/node@24', 'node@24'],
      ...['sns', 'sqs', 'dynamodb'].map((client) => `@aws-sdk/client-${client}@3.1000.0`),
    ],
    commands: [
      ...runsBy(['node'], WITH_UNDICI),
      [['node', 'aws.ts'], /^$/],
      [['tsc', ...CHECKED, '--module', 'nodenext', 'reader.ts', 'root.ts', 'aws.ts', 'common.cts', ...TESTS], /^$/],
      [['tsc', ...CHECKED, '--module', 'esnext', '--moduleResolution', 'bundler', 'reader.ts', ...TESTS], /^$/],
    ],
  },
];

/** Installs the tarball with npm into an empty project. Returns what failed. */
function faultsOf({ packages, commands }: Trial): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-package-'));
  const npm = (args: string[], cwd: string) => execFileSync('npm', args, { cwd, encoding: 'utf8' });
  try {
    for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, name), text);
    const [{ filename }] = JSON.parse(
      npm(['pack', '--json', '--pack-destination', folder], '.').replace(/^[^[]*/, ''),
    ) as [{ filename: string }];
    try {
      npm(['install', '--no-audit', '--no-fund', `./${filename}`, ...packages], folder);
    } catch (cause) {
      throw new Missing(`npm install ${packages.join(' ')} failed`, { cause });
    }
    return commands.flatMap(([command, output]) => faultOf(command, output, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function faultOf([name = '', ...args]: readonly string[], output: RegExp, cwd: string): string[] {
  const bin = join(cwd, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, NO_COLOR: '1', NODE_NO_WARNINGS: '1' };
  try {
    // Bun and Deno write the results of tests to stderr.
    const said = execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', join(bin, name), ...args], {
      cwd,
      env,
      encoding: 'utf8',
    });
    return output.test(said.trim()) ? [] : [`${name} ${args.join(' ')} said: ${said.slice(-500)}`];
  } catch (error) {
    return [`${name} ${args.join(' ')} failed: ${String((error as { stdout?: string }).stdout).slice(-500)}`];
  }
}

/** The packed package in empty projects, on each runtime and with the oldest packages that it allows. */
export const packageParts: Part[] = trials.map((trial) => ({
  part: 'package',
  against: trial.against,
  async run() {
    const faults = faultsOf(trial);
    return { faults, tests: trial.commands.length - faults.length };
  },
}));
