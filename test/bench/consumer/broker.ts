import { setTimeout as wait } from 'node:timers/promises';
import { buildApp } from 'fauxqs';
import { request } from 'undici';
import { writeAttributes } from '../../../contracts/wire/attributes.ts';
import { encodeNotification } from '../../../contracts/wire/notification.ts';
import { clockMs } from '../clock.ts';
import type { BrokerOrder, BrokerReport, Ring } from './protocol.ts';

/** SNS and SQS by fauxqs as a process, which also publishes: straight into the queue, so that it costs next to nothing. */
type Queue = {
  enqueue: (message: unknown) => void;
  deleteMessage: (handle: string) => void;
  dequeue: (...each: unknown[]) => unknown[];
  messages: unknown[];
  inflightMessages: Map<string, unknown>;
  cancelWaiters: () => void;
};
type StoreClass = {
  new (): { getQueueByName: (name: string) => Queue };
  createMessage: (body: string, attributes: unknown) => unknown;
};

const main = import.meta.resolve('fauxqs');
const load = async (file: string) => (await import(new URL(file, main).href)) as Record<string, never>;
const SqsStore = (await load('./sqs/sqsStore.js')).SqsStore as unknown as StoreClass;
const SnsStore = (await load('./sns/snsStore.js')).SnsStore as unknown as new () => unknown;
const S3Store = (await load('./s3/s3Store.js')).S3Store as unknown as new () => unknown;

const sqsStore = new SqsStore();
const stores = { sqsStore, snsStore: new SnsStore(), s3Store: new S3Store() };
const options = { logger: false, defaultRegion: 'us-east-1', stores } as unknown as Parameters<typeof buildApp>[0];
const app = buildApp(options) as unknown as {
  addHook: (
    name: string,
    hook: (request: { headers: Record<string, string> }, _: unknown, done: () => void) => void,
  ) => void;
  listen: (at: { port: number; host: string }) => Promise<string>;
};

let calls: Record<string, number> = {};
let expected = 0;
let deleted = 0;
let firstReceive = 0;

app.addHook('onRequest', ({ headers }, _, done) => {
  const action = headers['x-amz-target']?.split('.')[1] ?? 'other';
  calls[action] = (calls[action] ?? 0) + 1;
  done();
});

const say = (report: BrokerReport) => process.send?.(report);

/** Counts what is deleted, and tells when it was the last. */
function watch(queue: Queue): Queue {
  const { deleteMessage, dequeue } = queue;
  queue.dequeue = (...each) => {
    const messages = dequeue.apply(queue, each);
    if (messages.length > 0 && firstReceive === 0) firstReceive = clockMs();
    return messages;
  };
  queue.deleteMessage = (handle) => {
    const before = queue.inflightMessages.size;
    deleteMessage.call(queue, handle);
    if (queue.inflightMessages.size < before) deleted++;
    if (deleted === expected && expected > 0) {
      say({ kind: 'drained', ms: clockMs() - firstReceive, calls, deleted });
      expected = 0;
    }
  };
  return queue;
}

let queue: Queue | null = null;
const theQueue = () => (queue ??= watch(sqsStore.getQueueByName('bench')));

function enqueue({ id, eventId }: Ring, version: number): void {
  const attributes = writeAttributes('shop.details-changed', { eventId, version, occurredAt: Math.round(clockMs()) });
  theQueue().enqueue(SqsStore.createMessage(encodeNotification({ id, type: 'shop.details-changed' }), attributes));
}

async function publish(rings: Ring[], sourceUrl: string): Promise<void> {
  const body = JSON.stringify(rings.map(({ id }) => id));
  const answer = await request(`${sourceUrl}/publish`, { method: 'POST', body });
  const versions = (await answer.body.json()) as number[];
  for (const [n, ring] of rings.entries()) enqueue(ring, versions[n] ?? 0);
}

async function live({ rings, depth, sourceUrl }: BrokerOrder & { do: 'live' }): Promise<void> {
  for (let n = 0; n < rings.length; ) {
    if (theQueue().messages.length >= depth) await wait(1);
    else {
      await publish(rings.slice(n, n + 100), sourceUrl);
      n += 100;
    }
  }
}

async function steady({ rings, perSecond, sourceUrl }: BrokerOrder & { do: 'steady' }): Promise<void> {
  const times: [string, number][] = [];
  const start = clockMs();
  for (const [n, ring] of rings.entries()) {
    const due = start + (n * 1_000) / perSecond;
    while (clockMs() < due) await wait(Math.max(0, due - clockMs()));
    await publish([ring], sourceUrl);
    times.push([ring.eventId, clockMs()]);
  }
  say({ kind: 'published', times });
}

process.on('message', async (order: BrokerOrder) => {
  if (order.do === 'reset') {
    // Long polls of a subject that has ended would take the first messages of the next.
    theQueue().cancelWaiters();
    await wait(50);
    theQueue().messages.length = 0;
    theQueue().inflightMessages.clear();
    [calls, expected, deleted, firstReceive] = [{}, 0, 0, 0];
    return say({ kind: 'done-preload' });
  }
  expected = order.rings.length;
  if (order.do === 'live') return live(order);
  if (order.do === 'steady') return steady(order);
  for (const [n, ring] of order.rings.entries()) enqueue(ring, order.versions[n] ?? 0);
  say({ kind: 'done-preload' });
});

say({ kind: 'ready', address: await app.listen({ port: 0, host: '127.0.0.1' }) });
