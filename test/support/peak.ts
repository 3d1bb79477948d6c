import { fileURLToPath } from 'node:url';
import type { Process } from './production.ts';

const report = fileURLToPath(new URL('report-memory.ts', import.meta.url));

/** What makes a process of ours say its peak, with a heap of so many MiB; glibc is told what the images tell it. */
export function watched(heap?: number): Record<string, string> {
  const options = ['--import', report, ...(heap === undefined ? [] : [`--max-old-space-size=${heap}`])];
  return { NODE_OPTIONS: options.join(' '), MALLOC_ARENA_MAX: '1' };
}

/**
 * Stops a watched process; resolves to its largest resident set, in MiB. Throws with what it printed if it died before.
 */
export async function peakOf({ child, ended, output }: Pick<Process, 'child' | 'ended' | 'output'>): Promise<number> {
  child.kill('SIGTERM');
  const { code } = await ended;
  const [, peak] = /peak (\d+) KiB/.exec(output()) ?? [];
  if (code !== 0 || peak === undefined) throw new Error(`ended with ${code}:\n${output().slice(-2_000)}`);
  return Math.round(Number(peak) / 1024);
}
