import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import { embeddedClient } from '../embedded.ts';
import { NEVER_LOST, superviseInBackground, type Tell } from '../supervise.ts';

/** The running embedded broker. `client` configures an SDK client for it. `lost` rejects if it ends for good. */
export type Broker = { client: BrokerClient; lost: Promise<never>; stop: () => Promise<void> };

/** A thread of the broker. `ended` resolves with the reason of its end. */
type Thread = { address: string; ended: Promise<string>; stop: () => Promise<void> };

/**
 * Starts SNS and SQS inside this process. `folder` stores queues and messages across restarts; null stores nothing.
 * With a folder, a thread that ends is started again on the same port, and `tell` gets a line about it.
 */
export async function startBroker(folder: string | null, tell: Tell = () => {}): Promise<Broker> {
  if (folder !== null) mkdirSync(folder, { recursive: true, mode: 0o700 });
  let thread = await startThread(folder, 0);
  const client = embeddedClient(thread.address);
  const stop = () => thread.stop();
  // A new broker without the queues would not help.
  if (folder === null) return { client, lost: NEVER_LOST, stop };
  const port = Number(new URL(thread.address).port);
  const supervised = {
    name: 'The embedded broker',
    untilEnd: (signal: AbortSignal) => Promise.race([thread.ended, aborted(signal)]),
    async startAgain() {
      thread = await startThread(folder, port);
    },
  };
  return { client, ...superviseInBackground(supervised, stop, tell) };
}

async function startThread(folder: string | null, port: number): Promise<Thread> {
  // An empty environment, because fauxqs reads variables FAUXQS_… of the shell.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { folder, port }, env: {} });
  let fault = '';
  worker.on('error', (error: Error) => {
    fault = error.message;
  });
  const ended = once(worker, 'exit').then(([code]) => fault || `code ${code}`);
  const failed = ended.then((reason) => {
    throw new Error(`The embedded broker (SNS and SQS) did not start: ${reason}`);
  });
  const [{ address }] = (await Promise.race([messageOf(worker), failed])) as [{ address: string }];
  return {
    address,
    ended,
    async stop() {
      worker.postMessage('stop');
      await ended;
    },
  };
}

const messageOf = (worker: Worker) => new Promise((resolve) => worker.once('message', (told) => resolve([told])));

function aborted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('');
    signal.addEventListener('abort', () => resolve(''), { once: true });
  });
}
