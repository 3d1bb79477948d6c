import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Service } from './part.ts';

/** A program that serves something on a port of this machine. */
export type Program = {
  /** For messages: its name and version. */
  name: string;
  command: string;
  arguments: readonly string[];
  environment: Record<string, string>;
  /** Whether it serves by now. */
  isReady: () => Promise<boolean>;
};

/** Seconds. LocalStack takes 2 to 5 on an idle machine, and other work may hold both cores. */
const PATIENCE = 120;

/** Milliseconds for one answer: who has the port and says nothing is not ready. */
const ANSWER = 5_000;

/** Milliseconds until a program that doesn't end is killed: LocalStack with a backlog to deliver took 8 minutes. */
const GRACE = 5_000;

/** Starts a program and waits until it serves. Throws with what it printed last. */
export async function startService({ name, command, environment, isReady, ...program }: Program): Promise<Service> {
  const env = { ...process.env, ...environment };
  const child = spawn(command, program.arguments, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  let refusal: Error | null = null;
  // A program that isn't there, or may not be run, ends nothing but this.
  child.on('error', (error) => (refusal = error));
  const isOver = () => refusal !== null || child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    if (isOver()) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), GRACE);
    await gone;
    clearTimeout(impatience);
  };
  for (let quarters = 0; quarters < 4 * PATIENCE && !isOver(); quarters++) {
    const answer = isReady().catch(() => false);
    if (await Promise.race([answer, wait(ANSWER, false)])) return { stop };
    await wait(250);
  }
  await stop();
  throw new Error(`${name} did not start: ${refusal ?? ''}\n${output.slice(-2_000)}`, { cause: refusal });
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
