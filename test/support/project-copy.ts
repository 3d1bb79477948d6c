import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFiles, root } from './sources.ts';

/** The project in another folder, where a test may change it. */
export type ProjectCopy = {
  folder: string;
  /** Runs a Node program of the copy. Returns what it printed; throws with it where the program fails. */
  run(program: string, ...args: string[]): string;
  remove(): void;
};

/** Copies what git knows or would take; the packages are linked. `linked` names more folders to link. */
export function copyProject(linked: readonly string[] = []): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-copy-'));
  for (const file of projectFiles(/./).filter((file) => existsSync(join(root, file))))
    cpSync(join(root, file), join(folder, file));
  const links = ['node_modules', ...linked];
  for (const link of links) symlinkSync(join(root, link), join(folder, link));
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  // The project's own rule is for folders, and a link is none.
  writeFileSync(join(folder, '.git', 'info', 'exclude'), links.join('\n'));
  return {
    folder,
    run: (program, ...args) => runIn(folder, program, args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function runIn(cwd: string, program: string, args: readonly string[]): string {
  // Those of the vitest that runs us would make the one in the copy a worker of it.
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name));
  const env = { ...Object.fromEntries(own), NO_COLOR: '1' };
  try {
    return execFileSync(process.execPath, [program, ...args], { cwd, env, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
  }
}
