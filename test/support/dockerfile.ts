import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, matchesGlob, relative } from 'node:path';
import { root as project } from './sources.ts';

/** What a stage has come to: its files below `root`, and what a container of it would be started with. */
export type Stage = {
  root: string;
  workdir: string;
  env: Record<string, string>;
  user: string;
  cmd: string[];
  healthcheck: string[];
};

export type Instruction = { name: string; text: string };

/** The instructions of a Dockerfile: comments left out, continued lines joined. */
export function readDockerfile(file: string): Instruction[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const text = lines.filter((line) => !line.startsWith('#')).join('\n');
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ')[0] ?? '', text: line.slice(line.indexOf(' ') + 1).trim() }));
}

/** How a command of RUN is executed in a folder. */
export type Run = (command: string, folder: string) => void;

/** As a shell would. */
export const inShell: Run = (command, folder) => {
  execFileSync('sh', ['-c', command], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
};

/** As a shell would, but for the installation: the packages of the project are taken. */
export const withOurPackages: Run = (command, folder) =>
  command.startsWith('npm ci')
    ? symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
    : inShell(command, folder);

/**
 * Does what a Dockerfile says, in folders instead of images: the same files are copied from the project as `.dockerignore` lets
 * through, the same commands run. Bases stay empty. Gives back the stages by name, and what removes them.
 */
export function playDockerfile(file: string, run: Run): { stages: Record<string, Stage>; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-image-'));
  const stages: Record<string, Stage> = {};
  let stage: Stage | null = null;
  for (const { name, text } of readDockerfile(file)) {
    if (name === 'FROM') {
      const [base = '', , as = base] = text.split(' ');
      stage = begin(join(folder, as), stages[base]);
      stages[as] = stage;
    } else if (stage !== null) obey(stage, { name, text }, stages, run);
  }
  return { stages, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function begin(root: string, base: Stage | undefined): Stage {
  mkdirSync(root, { recursive: true });
  if (base === undefined) return { root, workdir: '/', env: {}, user: '', cmd: [], healthcheck: [] };
  cpSync(base.root, root, { recursive: true });
  return { ...structuredClone(base), root };
}

function obey(stage: Stage, { name, text }: Instruction, stages: Record<string, Stage>, run: Run): void {
  const within = (path: string) => join(stage.root, isAbsolute(path) ? path : join(stage.workdir, path));
  if (name === 'WORKDIR') {
    stage.workdir = text;
    mkdirSync(within('.'), { recursive: true });
  }
  if (name === 'ENV')
    for (const [, key = '', quoted, plain = ''] of text.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g))
      stage.env[key] = quoted ?? plain;
  if (name === 'USER') stage.user = text;
  if (name === 'CMD') stage.cmd = JSON.parse(text);
  if (name === 'HEALTHCHECK') stage.healthcheck = JSON.parse(text.slice(text.indexOf('[')));
  if (name === 'RUN') for (const command of text.split(' && ')) run(command, within('.'));
  if (name === 'COPY') copy(text, within, stages);
}

function copy(text: string, within: (path: string) => string, stages: Record<string, Stage>): void {
  const from = stages[/--from=(\S+)/.exec(text)?.[1] ?? ''];
  const paths = text.split(' ').filter((each) => !each.startsWith('--'));
  const [to = '', ...sources] = [paths.at(-1), ...paths.slice(0, -1)];
  for (const source of sources) {
    const path = join(from?.root ?? project, source);
    // A folder's content is copied, a file keeps its name where it is copied into a folder.
    const isFolder = statSync(path).isDirectory();
    const target = isFolder || !to.endsWith('/') ? within(to) : join(within(to), source);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(path, target, { recursive: true, filter: (each) => from !== undefined || isLetThrough(each) });
    if (isFolder) chmodSync(target, statSync(path).mode);
  }
}

/** The last pattern that matches a path, or a folder above it, decides. */
function isLetThrough(path: string): boolean {
  const file = relative(project, path);
  const above = file.split('/').map((_, n, parts) => parts.slice(0, n + 1).join('/'));
  const patterns = readFileSync(join(project, '.dockerignore'), 'utf8').split('\n');
  const deciding = patterns
    .filter((line) => line !== '' && !line.startsWith('#'))
    .findLast((line) => above.some((each) => matchesGlob(each, line.replace(/^!/, ''))));
  return deciding === undefined || deciding.startsWith('!');
}
