import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Client } from './client.ts';

const program = fileURLToPath(new URL('with_psycopg.py', import.meta.url));

/** Products by psycopg, a process of Python for each transaction. */
export function openPsycopg(url: string): Client {
  return {
    async put(put, last) {
      const child = spawn('python', [program, url]);
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => (stderr += chunk));
      child.stdin.end(JSON.stringify({ ...put, fails: last !== undefined }));
      const [code] = await once(child, 'close');
      if (code !== 0) throw new Error(stderr);
      return Number(stdout);
    },
    close: async () => {},
  };
}
