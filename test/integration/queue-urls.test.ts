import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../localstack/start/broker/broker.ts';
import { temporaryFolder } from '../support/hostile-shell.ts';

/** Starts the embedded broker on a folder, with a client as any other process would have it. */
async function start(folder: string) {
  const broker = await startBroker(folder);
  const sqs = new SQSClient(broker.client);
  onTestFinished(() => sqs.destroy());
  return { sqs, endpoint: String(broker.client.endpoint), stop: broker.stop };
}

test('queues of an earlier start are announced by the address of this one, and can be deleted', async () => {
  const folder = temporaryFolder();
  const first = await start(folder);
  await first.sqs.send(new CreateQueueCommand({ QueueName: 'kept' }));
  await first.stop();
  const again = await start(folder);
  expect(again.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const { QueueUrl } = await again.sqs.send(new GetQueueUrlCommand({ QueueName: 'kept' }));
  expect(QueueUrl).toBe(`${again.endpoint}/000000000000/kept`);
  expect((await again.sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([QueueUrl]);
  await again.sqs.send(new DeleteQueueCommand({ QueueUrl }));
  expect((await again.sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
  await again.stop();
});
