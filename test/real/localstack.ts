import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pythonEnvironment } from './python.ts';

/** LocalStack, running. */
export type LocalStack = { url: string; stop: () => Promise<void> };

/** 4.14.0: the last version that asks for no account token; in host mode it needs no Docker. */
const VERSION = '4.14.0';

/** Installs LocalStack if need be and starts it on a free port. Throws Missing, or an Error with what it printed. */
export async function startLocalStack(): Promise<LocalStack> {
  const bin = pythonEnvironment(['3.13'], `test/real/localstack-requirements.txt`);
  const port = await freePort();
  const child = spawn(join(bin, 'python'), ['-m', 'localstack.runtime.main'], {
    env: {
      ...process.env,
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      LOCALSTACK_HOST: `localhost:${port}`,
      SQS_ENDPOINT_STRATEGY: 'path',
      SERVICES: 'sqs,sns,cloudformation,iam,sts',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      DNS_ADDRESS: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  for (let seconds = 0; seconds < 60 && child.exitCode === null; seconds++) {
    const { version = '' } = await health(url);
    if (version === VERSION) return { url, stop };
    await wait(1_000);
  }
  await stop();
  throw new Error(`LocalStack ${VERSION} did not start:\n${output.slice(-2_000)}`);
}

async function health(url: string): Promise<{ version?: string }> {
  try {
    return (await (await fetch(`${url}/_localstack/health`)).json()) as { version?: string };
  } catch {
    return {};
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
