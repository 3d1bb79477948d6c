import { expect, test } from 'vitest';
import { logLine } from '../../../consumers/log.ts';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';

const message = {
  messageId: 'm1',
  receiptHandle: 'secret',
  body: '{"id":"a","type":"shop.opened"}',
  attributes: {},
  receiveCount: 3,
  sentAt: 0,
};
const ring = { id: 'a', type: 'shop.opened', version: 7, message };

const THROWN = new TypeError('menu is undefined');

test.each<[ConsumerEvent, Record<string, unknown>]>([
  [
    { kind: 'buried', letter: { message, reason: 'source-refused', status: 403, version: 7, detail: 'Kim, 010-1234' } },
    { kind: 'buried', id: 'a', messageId: 'm1', receives: 3, reason: 'source-refused', status: 403, version: 7 },
  ],
  [
    {
      kind: 'buried',
      letter: { message: { ...message, body: 'Kim' }, reason: 'malformed-notification', detail: 'Kim' },
    },
    { kind: 'buried', id: null, messageId: 'm1', receives: 3, reason: 'malformed-notification' },
  ],
  [
    {
      kind: 'buried',
      letter: {
        message,
        reason: 'projection-failed',
        version: 7,
        detail: 'x',
        field: 'menu.0.price',
        exception: THROWN,
      },
    },
    {
      kind: 'buried',
      id: 'a',
      messageId: 'm1',
      receives: 3,
      reason: 'projection-failed',
      version: 7,
      field: 'menu.0.price',
      exception: 'TypeError: menu is undefined',
      stack: THROWN.stack,
    },
  ],
  [
    { kind: 'conflict', id: 'a', version: 7 },
    { kind: 'conflict', id: 'a', version: 7 },
  ],
  [
    { kind: 'stale-alarm', ring, found: 6, ms: 300_000 },
    { kind: 'stale-alarm', id: 'a', version: 7, found: 6, ms: 300_000 },
  ],
  [
    { kind: 'healed', letters: 2 },
    { kind: 'healed', letters: 2 },
  ],
  [
    { kind: 'circuit', of: 'source', state: 'open', reason: 'reset' },
    { kind: 'circuit', of: 'source', state: 'open', reason: 'reset' },
  ],
  [
    { kind: 'settle-failed', message, reason: 'delete failed' },
    { kind: 'settle-failed', reason: 'delete failed', id: 'a', messageId: 'm1', receives: 3 },
  ],
])('of %o an operator reads what and which, and nothing of a body', (event, line) => {
  expect(JSON.parse(logLine(event) ?? 'null')).toEqual(line);
});

test('single rings are for metrics', () => {
  expect(logLine({ kind: 'received', messages: 10 })).toBeNull();
  expect(logLine({ kind: 'settled', ring, outcome: 'applied', version: 7, gone: false, at: 0, ms: 1 })).toBeNull();
});
