import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const runtime = fileURLToPath(new URL('function-process.ts', import.meta.url));

/** A bundle in a process of its own, with no other environment than it is given; stopped when the test is over. */
export async function sandbox(bundle: string, env: Record<string, string>) {
  const child = fork(runtime, [bundle], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  onTestFinished(() => void child.kill('SIGKILL'));
  await Promise.race([once(child, 'message'), exited.then(() => Promise.reject(new Error(output)))]);
  return {
    output: () => output,
    async invoke(event: unknown, remaining = 15_000) {
      const answered = once(child, 'message');
      child.send({ event, remaining });
      const [answer] = (await answered) as [{ result?: unknown; error?: string }];
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.result;
    },
    /** What a process that nobody invokes any more exits with: null if something keeps it. */
    async end(): Promise<number | null> {
      child.disconnect();
      return (await exited)[0];
    },
  };
}
