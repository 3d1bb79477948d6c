import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { DEEPEST, insertCopies, largestShop } from '../support/largest.ts';
import { peakOf, watched } from '../support/peak.ts';
import { production } from '../support/production.ts';
import { until } from '../support/wait.ts';

/** 100 of the largest shops there can be, some 15 MB; LARGEST_SHOPS=600 fills the cache of answers, too (390 MB). */
const SHOPS = Number(process.env.LARGEST_SHOPS ?? 100);

test('a consumer of the largest shops stays below 512 MB, whatever is asked of it at once', {
  timeout: 300_000,
}, async () => {
  const { admin, client, places, startPublisher, startConsumer } = await production();
  const ids = await insertCopies(admin, largestShop('x', SHOPS > 100 ? '가' : DEEPEST), SHOPS);
  const publisher = await startPublisher();
  const display = await startConsumer('display', publisher.url, watched(256));
  const sqs = new SQSClient(client);
  onTestFinished(() => sqs.destroy());
  for (let n = 0; n < ids.length; n += 10) {
    const Entries = ids.slice(n, n + 10).map((id) => {
      return { Id: id, MessageBody: JSON.stringify({ id, type: 'shop.registered' }) };
    });
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: places.display?.queueUrl, Entries }));
  }
  const metrics = async () => (await fetch(`${display.url}/metrics`)).text();
  // The consumer fills its views at the start, beside the rings: each ring ends well, in one way or another.
  const settled = (text: string) =>
    [...text.matchAll(/^doorbell_settled_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  await until(async () => settled(await metrics()) === SHOPS);
  const lists = Array.from({ length: 16 }, async () => {
    const answer = await fetch(`${display.url}/shops?limit=100`);
    return ((await answer.json()) as { shops: unknown[] }).shops.length;
  });
  expect(await Promise.all(lists)).toEqual(lists.map(() => 100));
  const one = await fetch(`${display.url}/shops/${ids[0]}`);
  expect(((await one.json()) as { menu: unknown[] }).menu).toHaveLength(200);
  expect(await peakOf(display)).toBeLessThan(512);
});
