import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { MessageAttributes } from '../../contracts/wire/attributes.ts';
import { type DeadLetter, type Message, QUEUE_BATCH, type Queue } from '../runtime/queue/queue.ts';

/** An empty queue with what the cases need around it. */
export type QueueUnderTest = {
  queue: Queue;
  /** Sends a message to the queue, as a publisher would. */
  send: (body: string, attributes: MessageAttributes) => Promise<unknown>;
  /** Reads what is in the dead-letter queue. */
  letters: () => Promise<{ body: string; attributes: MessageAttributes }[]>;
  /**
   * Lets this number of milliseconds pass on a clock of the test's own. A real broker waits by itself: leave it empty.
   */
  pass: (ms: number) => Promise<unknown>;
};

/** A case of the conformance suite of queues. `run` rejects with an AssertionError where the case does not hold. */
export type QueueCase = { name: string; run: (open: () => Promise<QueueUnderTest>) => Promise<void> };

const never = new AbortController().signal;
const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });

/** Receives until there is this number of messages; it waits up to ten seconds. */
async function receive({ queue, pass }: QueueUnderTest, most = QUEUE_BATCH, wanted = most): Promise<Message[]> {
  const received: Message[] = [];
  for (let tries = 0; tries < 10 && received.length < wanted; tries++) {
    const [some] = await Promise.all([queue.receive(most, 1, never), pass(1_000)]);
    received.push(...some);
  }
  return received.toSorted((a, b) => (a.body < b.body ? -1 : 1));
}

async function receiveOne(under: QueueUnderTest): Promise<Message> {
  const [message] = await receive(under, 1);
  if (message === undefined) throw new Error('a message was sent, and none was received in ten seconds');
  return message;
}

/** What every queue of a consumer must do. */
export const queueCases: readonly QueueCase[] = [
  {
    name: 'hands out bodies, attributes, counts and times',
    async run(open) {
      const under = await open();
      await under.send('a', { version: { DataType: 'Number', StringValue: '1' }, type: attribute('shop.opened') });
      const { body, attributes, receiveCount, sentAt, messageId } = await receiveOne(under);
      deepEqual([body, receiveCount, messageId === ''], ['a', 1, false]);
      deepEqual([attributes.version?.StringValue, attributes.type?.StringValue], ['1', 'shop.opened']);
      equal(sentAt > 1_500_000_000_000, true);
    },
  },
  {
    name: 'answers with nothing when there is nothing',
    async run(open) {
      const { queue } = await open();
      deepEqual(await queue.receive(QUEUE_BATCH, 0, never), []);
    },
  },
  {
    name: 'hands out no more than was asked for, and each message once while it is in hand',
    async run(open) {
      const under = await open();
      for (const body of ['a', 'b', 'c']) await under.send(body, {});
      const first = await receive(under, 2);
      const rest = await receive(under, QUEUE_BATCH, 1);
      equal(first.length >= 1 && first.length <= 2, true);
      deepEqual([...first, ...rest].map(({ body }) => body).toSorted(), ['a', 'b', 'c']);
    },
  },
  {
    name: 'forgets what is removed, ten messages in one call',
    async run(open) {
      const under = await open();
      for (let n = 0; n < QUEUE_BATCH; n++) await under.send(`m${n}`, {});
      const messages = await receive(under);
      equal(messages.length, QUEUE_BATCH);
      deepEqual(await under.queue.remove(messages), []);
      deepEqual(await receive(under, QUEUE_BATCH, 0), []);
    },
  },
  {
    name: 'hands out again what is released, with a higher count',
    async run(open) {
      const under = await open();
      await under.send('a', {});
      const message = await receiveOne(under);
      deepEqual(await under.queue.release([{ message, seconds: 0 }]), []);
      const again = await receiveOne(under);
      deepEqual([again.body, again.messageId, again.receiveCount], ['a', message.messageId, 2]);
    },
  },
  {
    name: 'hides what is released with a delay until then',
    async run(open) {
      const under = await open();
      await under.send('a', {});
      deepEqual(await under.queue.release([{ message: await receiveOne(under), seconds: 3 }]), []);
      deepEqual(await under.queue.receive(QUEUE_BATCH, 0, never), []);
      equal((await receiveOne(under)).body, 'a');
    },
  },
  {
    name: 'keeps a letter with its body, its attributes, its reason and its version',
    async run(open) {
      const under = await open();
      await under.send('{"id":"a"}', { type: attribute('shop.opened') });
      const message = await receiveOne(under);
      const letter: DeadLetter = { message, reason: 'source-refused', status: 403, version: 7, detail: 'no entry' };
      deepEqual(await under.queue.bury([letter]), []);
      const [{ body, attributes } = { body: '', attributes: {} as MessageAttributes }] = await under.letters();
      const { type, reason, status, version, detail } = attributes;
      const values = [type, reason, status, version, detail].map((each) => each?.StringValue);
      deepEqual([body, ...values], ['{"id":"a"}', 'shop.opened', 'source-refused', '403', '7', 'no entry']);
    },
  },
  {
    name: 'ends a poll that is stopped',
    async run(open) {
      const { queue } = await open();
      const stopping = new AbortController();
      const polling = queue.receive(QUEUE_BATCH, 20, stopping.signal);
      stopping.abort(new Error('stopping'));
      await rejects(polling);
    },
  },
];
