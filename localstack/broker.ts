import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { BrokerClient } from './provision.ts';

/** The embedded broker, running. `client` is what an SDK client needs to reach it. */
export type Broker = { client: BrokerClient; stop: () => Promise<void> };

/** Starts SNS and SQS inside this process. `folder` keeps queues and messages over a restart; null keeps nothing. */
export async function startBroker(folder: string | null): Promise<Broker> {
  if (folder !== null) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const worker = new Worker(new URL('./broker-worker.ts', import.meta.url), { workerData: { folder } });
  const [{ address }] = (await once(worker, 'message')) as [{ address: string }];
  return {
    client: {
      endpoint: address,
      region: 'us-east-1',
      credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
    },
    async stop() {
      const gone = once(worker, 'exit');
      worker.postMessage('stop');
      await gone;
    },
  };
}
