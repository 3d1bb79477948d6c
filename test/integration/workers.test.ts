import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { readSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { testBroker } from '../support/broker.ts';
import { printed, type Running, run } from '../support/dev-process.ts';
import { httpServer, json } from '../support/http-server.ts';
import type { SmallView } from '../support/small-consumer.ts';
import { until } from '../support/wait.ts';

/** Seconds. Short, so that what a killed worker had in hand comes soon to another. */
const VISIBILITY = 2;

async function world() {
  const { client, stage } = await testBroker();
  const sqs = new SQSClient(client);
  const create = async (name: string) =>
    (
      await sqs.send(
        new CreateQueueCommand({
          QueueName: `${stage}-${name}`,
          Attributes: { VisibilityTimeout: String(VISIBILITY) },
        }),
      )
    ).QueueUrl ?? '';
  const [queueUrl, deadLetterQueueUrl] = [await create('small'), await create('small-dead')];
  const { url: sourceUrl } = await httpServer(({ method, url, body }, response) => {
    const answer = (id: string) => ({ status: 200, id, version: 1, resource: { name: id } });
    if (method === 'GET') return json(response, 200, answer(url.split('/').at(-1) ?? ''));
    json(response, 200, {
      resources: (JSON.parse(body) as { resources: { id: string }[] }).resources.map(({ id }) => answer(id)),
    });
  });
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-workers-'));
  const views = join(folder, 'views.db');
  const told = JSON.stringify({
    endpoint: client.endpoint,
    queueUrl,
    deadLetterQueueUrl,
    sourceUrl,
    views,
    visibility: VISIBILITY,
  });
  const start = async () => {
    const worker = run('test/support/worker-process.ts', [told], {});
    onTestFinished(() => void worker.child.kill('SIGKILL'));
    await printed(worker, 'ready');
    return worker;
  };
  const workers = [await start(), await start(), await start()];
  onTestFinished(() => {
    sqs.destroy();
    rmSync(folder, { recursive: true });
  });

  async function ring(from: number, to: number): Promise<void> {
    for (let n = from; n < to; n += 10) {
      const Entries = Array.from({ length: 10 }, (_, k) => ({
        Id: String(k),
        MessageBody: JSON.stringify({ id: `s${n + k}`, type: 'shop.registered' }),
        MessageAttributes: { version: { DataType: 'Number', StringValue: '1' } },
      }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  }

  async function viewsThere(): Promise<number> {
    const store = readSqliteViewStore<SmallView>(views);
    const rows = await store.scan('', 10_000);
    store.close();
    return rows.length;
  }

  return { workers, ring, viewsThere };
}

const handledBy = ({ output }: Running) =>
  output()
    .split('\n')
    .filter((line) => /^s\d+ /.test(line))
    .map((line) => line.split(' ')[0] ?? '');

test('of three workers on one queue exactly one handles each ring; when one is killed the others take over', async () => {
  const { workers, ring, viewsThere } = await world();
  await ring(0, 300);
  await until(async () => (await viewsThere()) === 300);
  await until(() => workers.flatMap(handledBy).length === 300);
  expect(new Set(workers.flatMap(handledBy)).size).toBe(300);
  for (const worker of workers) expect(handledBy(worker).length).toBeGreaterThan(0);

  const [killed, ...others] = workers as [Running, Running, Running];
  await ring(300, 600);
  killed.child.kill('SIGKILL');
  await until(async () => (await viewsThere()) === 600);
  for (const { child } of others) child.kill('SIGTERM');
  expect(await Promise.all(others.map(async ({ ended }) => (await ended).code))).toEqual([0, 0]);
});
