import { expect, test } from 'vitest';
import { inCalls, toEntry } from '../../../consumers/brokers/sqs/bury.ts';
import type { DeadLetter } from '../../../consumers/runtime/queue/queue.ts';

const letter = (body: string, note: string): DeadLetter => ({
  message: {
    messageId: '',
    receiptHandle: '',
    body,
    attributes: { note: { DataType: 'String', StringValue: note }, photo: { DataType: 'Binary' } },
    receiveCount: 1,
    sentAt: 0,
  },
  reason: 'malformed-notification',
  detail: `${'x'.repeat(499)}😀`,
});

test.each([
  ['bodies', letter('b'.repeat(90_000), '')],
  ['attributes', letter('', 'n'.repeat(90_000))],
])('letters with large %s travel in as many calls as they need, and keep their places', (_, each) => {
  const calls = inCalls(Array.from({ length: 5 }, () => each).map(toEntry));
  expect(calls.map((entries) => entries.map(({ Id }) => Id))).toEqual([['0', '1'], ['2', '3'], ['4']]);
});

test('a letter says nothing that SQS would refuse: no binary attribute, no half of an emoji', () => {
  const { MessageAttributes } = toEntry(letter('hello', 'a'), 0);
  expect(Object.keys(MessageAttributes).toSorted()).toEqual(['attempts', 'detail', 'note', 'reason']);
  expect(MessageAttributes.detail?.StringValue).toBe(`${'x'.repeat(499)} `);
});

test('a letter keeps what was thrown, with its first frames, as SQS takes it', () => {
  const exception = new TypeError('menu is\u0000 undefined');
  const { MessageAttributes } = toEntry(
    { ...letter('hello', 'a'), detail: `project threw ${exception}`, exception },
    0,
  );
  const detail = MessageAttributes.detail?.StringValue ?? '';
  expect(detail).toMatch(/^project threw TypeError: menu is {2}undefined\n +at .*bury\.test\.ts\S*:\d+:\d+/);
  expect(detail.length).toBeLessThan(4_600);
});
