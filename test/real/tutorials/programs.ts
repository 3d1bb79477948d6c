import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../../support/wait.ts';
import { isShown } from './page.ts';

/** A program that a tutorial starts and leaves running. */
type Program = { child: ChildProcess; script: string; output: string };

/** Commands of a tutorial in one folder: bash, as in a reader's terminal that has sourced env.sh. */
export function terminal(folder: string, env: NodeJS.ProcessEnv) {
  const programs: Program[] = [];

  function open(script: string): Program {
    // A process group of its own, so that what bash has started ends with it.
    const own = `set -e; [ ! -e env.sh ] || . ./env.sh\n${script}`;
    const child = spawn('bash', ['-c', own], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const program = { child, script, output: '' };
    return program;
  }

  return {
    /** Runs commands to their end; returns what they printed to stdout, or throws with all they printed. */
    async run(script: string): Promise<string> {
      const { child } = open(script);
      let [stdout, stderr] = ['', ''];
      child.stdout?.on('data', (chunk) => (stdout += chunk));
      child.stderr?.on('data', (chunk) => (stderr += chunk));
      const [code] = await once(child, 'close');
      if (code !== 0) throw new Error(`it ended with ${code}:\n${script}\n${stdout}\n${stderr}`);
      return stdout;
    },
    /** Starts a program, and waits until it has printed what shows that it is ready; null takes anything. */
    async start(script: string, shows: string | null): Promise<void> {
      const program = open(script);
      programs.push(program);
      for (const stream of [program.child.stdout, program.child.stderr])
        stream?.on('data', (chunk) => (program.output += chunk));
      const isReady = () => (shows === null ? program.output !== '' : isShown(program.output, `…${shows.trim()}…`));
      await until(() => isReady() || program.child.exitCode !== null);
      if (program.child.exitCode !== null) throw new Error(`it ended at once:\n${script}\n${program.output}`);
    },
    /** Everything that the programs have printed. */
    log: () => programs.map(({ script, output }) => `── ${script}${output}`).join('\n'),
    /** Stops all programs, by SIGINT as Ctrl-C does; returns when they have ended. */
    async stop(): Promise<void> {
      for (const { child } of programs.toReversed()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, 'close');
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
        await ended;
      }
    },
  };
}
