import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A process of ours that is told what to do, and tells. */
export type Child<Order, Report extends { kind: string }> = {
  tell: (order: Order) => void;
  /** The next report of a kind; those before it are dropped. Rejects if the process ends first. */
  next: <Kind extends Report['kind']>(kind: Kind) => Promise<Report & { kind: Kind }>;
  stop: () => Promise<void>;
  /** Resolves when the process has ended by itself. */
  ended: () => Promise<void>;
};

/** A folder for CPU profiles of the subjects: `DOORBELL_BENCH_PROFILE=/tmp/profiles npm run bench -- …`. */
const PROFILE = process.env.DOORBELL_BENCH_PROFILE;

function flagsFor(program: string): string[] {
  if (PROFILE === undefined || !program.includes('subject')) return ['--no-warnings'];
  return ['--no-warnings', '--cpu-prof', `--cpu-prof-dir=${PROFILE}`];
}

/** Starts a program of the benchmarks. */
export function startChild<Order, Report extends { kind: string }>(
  file: URL,
  args: string[] = [],
  { env = process.env, output = 'inherit' }: { env?: NodeJS.ProcessEnv; output?: 'inherit' | 'ignore' } = {},
): Child<Order, Report> {
  const program = basename(fileURLToPath(file));
  const child: ChildProcess = fork(file, args, {
    execArgv: flagsFor(program),
    env,
    stdio: ['ignore', output, 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const reports: Report[] = [];
  const waiting: { kind: string; resolve: (report: Report) => void; reject: (error: Error) => void }[] = [];
  child.on('message', (report: Report) => {
    const place = waiting.findIndex(({ kind }) => kind === report.kind);
    if (place < 0) reports.push(report);
    else waiting.splice(place, 1)[0]?.resolve(report);
  });
  child.on('exit', (code) => {
    for (const { kind, reject } of waiting)
      reject(new Error(`${program} ${args[0] ?? ''} ended with ${code} before ${kind}`));
  });
  return {
    tell: (order) => void child.send(order as object),
    next: (kind) =>
      new Promise((resolve, reject) => {
        const place = reports.findIndex((report) => report.kind === kind);
        const found = place < 0 ? undefined : reports.splice(place, 1)[0];
        if (found !== undefined) resolve(found as never);
        else waiting.push({ kind, resolve: resolve as never, reject });
      }),
    async stop() {
      // A profile is written when the process ends by itself.
      if (PROFILE !== undefined) await Promise.race([once(child, 'exit'), wait(5_000)]);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    ended: async () => void (await exited),
  };
}
