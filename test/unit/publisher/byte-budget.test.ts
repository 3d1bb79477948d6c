import fc from 'fast-check';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { MOST_BYTES } from '../../../publisher/http/bounds.ts';
import { createByteBudget, jsonText, roomForAnswer } from '../../../publisher/http/byte-budget.ts';
import { listen } from '../../../publisher/http/listen.ts';
import { systemClock } from '../../../publisher/system.ts';
import { until } from '../../support/wait.ts';

const never = new AbortController().signal;
/** Lets all that can go on do so. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('bytes are taken first come first served, and a small request does not overtake a large one', async () => {
  const budget = createByteBudget(10);
  const order: string[] = [];
  const take = async (name: string, bytes: number) => {
    const release = await budget.take(bytes, never);
    order.push(name);
    return release;
  };
  const first = await take('a', 6);
  const waiting = [take('b', 8), take('c', 1)];
  await turn();
  expect(order).toEqual(['a']);
  first?.();
  first?.();
  await Promise.all(waiting);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('more than there is takes all of it, and who leaves makes room for who waits behind', async () => {
  const budget = createByteBudget(10);
  const all = await budget.take(1_000, never);
  const leaving = new AbortController();
  const left = budget.take(10, leaving.signal);
  const behind = budget.take(4, never);
  leaving.abort();
  expect(await left).toBeNull();
  expect(await budget.take(1, leaving.signal)).toBeNull();
  all?.();
  expect(await behind).not.toBeNull();
});

test('of a thousand who wait the next is told to come again', async () => {
  const budget = createByteBudget(1);
  for (let n = 0; n < 1_001; n++) void budget.take(1, never);
  await expect(budget.take(1, never)).rejects.toMatchObject({ problem: { code: 'unavailable' } });
});

test('never are more bytes taken than there are, and all who wait come in', async () => {
  const requests = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(requests, async (sizes) => {
      const budget = createByteBudget(20);
      let inside = 0;
      const served = sizes.map(async (size) => {
        const release = await budget.take(size, never);
        inside += Math.min(size, 20);
        expect(inside).toBeLessThanOrEqual(20);
        await turn();
        inside -= Math.min(size, 20);
        release?.();
      });
      await Promise.all(served);
      expect(inside).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('an answer that nobody reads holds its bytes until its connection ends, and one that failed holds none', async () => {
  // Room to make one answer; what one has itself leaves too little for the next.
  const budget = createByteBudget(3 * MOST_BYTES);
  const app = new Hono();
  app.onError((_, c) => c.text('failed', 500));
  const large = JSON.stringify('x'.repeat(8 * 1024 * 1024));
  app.get('/large', roomForAnswer(budget), (c) => jsonText(c, large));
  app.get('/failing', roomForAnswer(budget), () => {
    throw new Error('broken');
  });
  const listening = await listen(app, 0, '127.0.0.1', systemClock);
  onTestFinished(() => listening.close());
  const url = `http://127.0.0.1:${listening.port}`;
  for (let n = 0; n < 5; n++) expect((await fetch(`${url}/failing`)).status).toBe(500);

  const reader = new AbortController();
  expect((await fetch(`${url}/large`, { signal: reader.signal })).status).toBe(200);
  let isAnswered = false;
  const second = fetch(`${url}/large`).then((answer) => {
    isAnswered = true;
    return answer.arrayBuffer();
  });
  // Another request that was sent later is answered while the second waits.
  for (let n = 0; n < 3; n++) await fetch(`${url}/nowhere`);
  expect(isAnswered).toBe(false);
  reader.abort();
  expect((await second).byteLength).toBe(large.length);
  await until(async () => (await budget.take(3 * MOST_BYTES, never)) !== null);
});
