import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DEEPEST, encodings, insertCopies, largestBodies, largestShop } from '../support/largest.ts';
import { peakOf, watched } from '../support/peak.ts';
import { type Process, production, sourceTokenOf } from '../support/production.ts';
import { asOperator } from '../support/publisher.ts';

const atOnce = <Result>(count: number, work: (n: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));

/** A fetch that comes again when it is told to: on a slow machine ten connections are not enough for all of this. */
async function patiently(url: string, init: RequestInit): Promise<Response> {
  for (;;) {
    const answer = await fetch(url, init);
    if (answer.status !== 503) return answer;
    await answer.text();
  }
}

async function pagesOfAll(url: string): Promise<number> {
  let count = 0;
  for (let after: string | null = ''; after !== null; ) {
    const answer = await patiently(`${url}/shops?limit=500&after=${after}`, { headers: asOperator });
    expect(answer.status).toBe(200);
    const page = (await answer.json()) as { shops: { id: string }[]; next: string | null };
    count += page.shops.length;
    after = page.next;
  }
  return count;
}

/** A page of a source, and a batch of as many as one may have. */
async function looks(url: string, ids: string[]): Promise<void> {
  const headers = { authorization: `Bearer ${sourceTokenOf('display')}`, 'content-type': 'application/json' };
  const page = await patiently(`${url}/display/shops?limit=100`, { headers });
  const { resources } = (await page.json()) as { resources: { status: number }[] };
  expect(resources.length).toBeGreaterThan(9);
  const body = JSON.stringify({ resources: ids.slice(0, resources.length - 1).map((id) => ({ id })) });
  const batch = await patiently(`${url}/display/shops/batch`, { method: 'POST', headers, body });
  expect([page.status, batch.status, (await batch.text()).includes('"status":200')]).toEqual([200, 200, true]);
}

/** The largest body that is legal, as Python would write it of a file of a Mac. */
const write = encodings['decomposed, escaped and indented'] ?? JSON.stringify;
async function registerLargest(url: string, n: number): Promise<number> {
  const { ownerId: _, ...shop } = largestBodies(DEEPEST).registerShop as { ownerId: string };
  const headers = { ...asOperator, 'content-type': 'application/json', 'idempotency-key': `key-${n}` };
  const body = write({ ...shop, id: `new${n}` });
  const first = await patiently(`${url}/shops`, { method: 'POST', headers, body });
  await first.text();
  const item = `0${'_'.repeat(63)}`;
  const { 'idempotency-key': _key, ...plain } = headers;
  const change = { method: 'PATCH', headers: plain, body: JSON.stringify({ price: n }) };
  const second = await patiently(`${url}/shops/new${n}/menu/${item}`, change);
  await second.text();
  return first.status === 201 ? second.status : first.status;
}

/** Asks for a page and reads nothing of it. */
async function neverRead(url: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.pause();
  await once(socket, 'connect');
  socket.on('error', () => {});
  const head = `GET /shops?limit=500 HTTP/1.1\r\nHost: x\r\nAuthorization: ${asOperator.authorization}\r\n\r\n`;
  await new Promise((resolve) => socket.write(head, resolve));
}

async function underLoad({ url }: Process, ids: string[]): Promise<void> {
  await Promise.all([
    atOnce(8, async () => expect(await pagesOfAll(url)).toBeGreaterThanOrEqual(ids.length)),
    atOnce(8, () => looks(url, ids)),
    atOnce(8, async (n) => expect(await registerLargest(url, n)).toBe(200)),
  ]);
}

/** 30 of the largest shops there can be: three pages. */
const SHOPS = 30;

test('a publisher of the largest shops stays below 512 MB, whatever is asked of it at once', {
  timeout: 60_000,
}, async () => {
  const { admin, startPublisher } = await production();
  const ids = await insertCopies(admin, largestShop('x'), SHOPS);
  // 256: what the images say.
  const publisher = await startPublisher(watched(256));
  await underLoad(publisher, ids);
  await atOnce(300, () => neverRead(publisher.url));
  // All of them have been heard by then, and this needs no room.
  for (let n = 0; n < 3; n++) expect((await fetch(`${publisher.url}/healthz`)).status).toBe(200);
  expect(await peakOf(publisher)).toBeLessThan(512);
});

test('a heap of 64 MB is enough for it', { timeout: 60_000 }, async () => {
  const { admin, startPublisher } = await production();
  const ids = await insertCopies(admin, largestShop('x'), SHOPS);
  const publisher = await startPublisher(watched(64));
  await underLoad(publisher, ids);
  expect(await peakOf(publisher)).toBeLessThan(384);
});
