import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A command of ours that ended. */
export type Ended = { code: number | null; stdout: string; stderr: string };

/** A command of ours that runs: what it printed so far, and how it ended. */
export type Running = { child: ChildProcess; output: () => string; ended: Promise<Ended> };

/** Runs one of our programs as a newcomer would: a process of its own, in the project's folder. */
export function run(program: string, args: string[], environment: Record<string, string>): Running {
  const env = { ...process.env, NO_COLOR: '1', ...environment };
  const child = spawn(process.execPath, [program, ...args], { cwd: root, env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, output: () => stdout + stderr, ended };
}

/** What a command is to print: a text, a pattern, or a question about all its output. */
type Expected = string | RegExp | ((output: string) => boolean);

/** Waits until a running command has printed something. Throws with all it printed if it ends before. */
export async function printed(running: Running, text: Expected): Promise<string> {
  const { output } = running;
  const found = () => {
    if (typeof text === 'function') return text(output());
    return typeof text === 'string' ? output().includes(text) : text.test(output());
  };
  await heard(running, found);
  if (!found()) throw new Error(`it ended without printing ${text}:\n${output()}`);
  return output();
}

/** Waits until something is so, or the command has ended. Looks when the command prints: a loop would take a core. */
async function heard({ child, ended }: Running, isSo: () => boolean): Promise<void> {
  const streams = [child.stdout, child.stderr];
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    if (isSo()) resolve();
  };
  for (const stream of streams) stream?.on('data', look);
  look();
  await Promise.race([promise, ended]);
  for (const stream of streams) stream?.off('data', look);
}
