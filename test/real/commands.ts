import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Missing, type PartOutcome } from './part.ts';

const children = new Set<ChildProcess>();

/** Ends the commands that still run, with all that they have started. */
export function stopCommands(): void {
  for (const { pid } of children)
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGINT');
    } catch (error) {
      // It has ended, and we have not heard of it yet.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}

/** Runs a command; what it has to say it prints itself. */
export async function ends(command: string, arguments_: string[], env = process.env, cwd = '.'): Promise<string[]> {
  // A process group of its own: else vitest would hear of Ctrl-C twice, from the terminal and from us.
  const child = spawn(command, arguments_, { stdio: 'inherit', env, cwd, detached: true });
  children.add(child);
  const [status] = await once(child, 'close').finally(() => children.delete(child));
  return status === 0 ? [] : ['see above'];
}

/** What vitest's JSON report says, as far as it is of use here. */
type Report = { numPassedTests: number; numTotalTests: number };

/** Runs test files by vitest, with the variables that tell them what is real. A test that was skipped is a fault: it has shown nothing. */
export async function runTests(
  files: readonly string[],
  environment: Record<string, string> = {},
  config = 'test/real/vitest.config.ts',
): Promise<PartOutcome> {
  // vitest takes them for patterns, and says nothing of one that fits no file while another does.
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) return { faults: [`there is no ${missing.join(', ')}`] };
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-report-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const env = { ...process.env, ...environment };
  try {
    const faults = await ends('vitest', ['run', '--config', config, ...reporters, ...files], env);
    if (!existsSync(report)) return { faults: ['vitest left no report'] };
    const { numPassedTests: tests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    if (tests === 0) return { tests, faults: ['no test passed, see above'] };
    const others = numTotalTests - tests;
    return { tests, faults: others === 0 ? faults : [`${others} of ${numTotalTests} tests did not pass, see above`] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Installs a package of tools beside the project's own, once, as its lock file says. Throws Missing. */
export function install(folder: string): void {
  // npm writes it last: without it an installation was interrupted.
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return;
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (cause) {
    throw new Missing(`npm --prefix ${folder} ci failed`, { cause });
  }
}
