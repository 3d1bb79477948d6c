import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Missing } from './part.ts';

/** The folder for what is installed to run real parts; git ignores it. */
export const FOLDER = '.real';

/** A Python environment with frozen requirements, made once of the first version there is; gives back its `bin` folder. Throws Missing. */
export function pythonEnvironment(versions: readonly string[], requirements: string): string {
  const { version, python } = findPython(versions);
  const text = readFileSync(requirements, 'utf8');
  const folder = join(FOLDER, `python-${createHash('sha256').update(`${version} ${text}`).digest('hex').slice(0, 12)}`);
  const done = join(folder, 'installed');
  if (!existsSync(done)) {
    mkdirSync(FOLDER, { recursive: true });
    execFileSync(python, ['-m', 'venv', '--clear', folder], { stdio: 'inherit' });
    execFileSync(
      join(folder, 'bin', 'pip'),
      ['install', '--quiet', '--disable-pip-version-check', '-r', requirements],
      {
        stdio: 'inherit',
      },
    );
    writeFileSync(done, '');
  }
  return join(folder, 'bin');
}

function findPython(versions: readonly string[]): { version: string; python: string } {
  for (const version of versions) {
    const known = [`python${version}`, 'python3', ...fromPyenv(version)];
    const python = known.find((each) => versionOf(each) === version);
    if (python !== undefined) return { version, python };
  }
  throw new Missing(`needs Python ${versions.join(' or ')}, as python${versions[0]} on the path or by pyenv`);
}

function versionOf(python: string): string | undefined {
  const { stdout } = spawnSync(python, ['--version'], { encoding: 'utf8' });
  return /^Python (\d+\.\d+)\./.exec(stdout ?? '')?.[1];
}

function fromPyenv(version: string): string[] {
  const { stdout } = spawnSync('pyenv', ['versions', '--bare'], { encoding: 'utf8' });
  const versions = (stdout ?? '').split('\n').filter((each) => each.startsWith(`${version}.`));
  return versions.map((each) =>
    join(execFileSync('pyenv', ['prefix', each], { encoding: 'utf8' }).trim(), 'bin', 'python'),
  );
}
