import { afterAll } from 'vitest';
import { type Broker, startBroker } from '../../localstack/start/broker/broker.ts';

let ofThisFile: Promise<Broker> | null = null;
let stages = 0;

/** The broker, one a test file, and a stage of its own for each test. */
export async function testBroker(): Promise<{ client: Broker['client']; stage: string }> {
  ofThisFile ??= start(process.env.DOORBELL_TEST_BROKER);
  return { client: (await ofThisFile).client, stage: `test${process.pid}-${++stages}` };
}

/** The embedded one, or the real one that `npm run test:real` has started. */
async function start(url: string | undefined): Promise<Broker> {
  if (url === undefined) return startBroker(null);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const lost = new Promise<never>(() => {});
  return { client: { endpoint: url, region: 'us-east-1', credentials }, lost, stop: async () => {} };
}

afterAll(async () => (await ofThisFile)?.stop());
