import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from './wait.ts';

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

/** Waits until a running command has printed something. Throws with all it printed if it ends before. */
export async function printed(running: Running, text: string | RegExp): Promise<string> {
  let isOver = false;
  void running.ended.then(() => {
    isOver = true;
  });
  const found = () => (typeof text === 'string' ? running.output().includes(text) : text.test(running.output()));
  await until(() => found() || isOver);
  if (!found()) throw new Error(`it ended without printing ${text}:\n${running.output()}`);
  return running.output();
}
