import { expect, test } from 'vitest';
import { writeAttributes } from '../../../contracts/wire/attributes.ts';
import { smallWorld } from '../../support/worker.ts';

test('a body that is no JSON among nine good ones goes to the dead-letter queue alone', async () => {
  const world = smallWorld();
  for (let n = 0; n < 9; n++) {
    world.source.set(`s${n}`, 1, 'x');
    world.queue.send(`s${n}`, 1);
    if (n === 4) world.queue.sendBody('{"id":"s4"');
  }
  world.start();
  await world.clock.advance(1_000);
  expect(world.outcomes()).toHaveLength(9);
  expect(world.queue.dead.map(({ message }) => message.body)).toEqual(['{"id":"s4"']);
  expect(world.queue.size()).toBe(0);
});

test('an SNS envelope becomes a dead letter that says what it is and what to set, and the next ring is looked at', async () => {
  const world = smallWorld();
  world.source.set('a', 1, 'soup');
  world.queue.sendBody(JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:…', Message: '{"id":"a"}' }));
  world.queue.sendBody('\ufeff{"id":"a","type":"shop.details-changed"}');
  world.start();
  await world.clock.advance(1_000);
  expect(world.queue.dead.map(({ reason, detail }) => ({ reason, detail }))).toEqual([
    {
      reason: 'malformed-notification',
      detail: expect.stringMatching(/an SNS envelope: .*RawMessageDelivery to true/),
    },
  ]);
  expect(world.outcomes()).toEqual(['applied']);
});

test('a message that is delivered again after it was deleted changes nothing', async () => {
  const world = smallWorld();
  world.source.set('a', 2, 'two');
  world.queue.send('a', 2);
  world.start();
  await world.clock.advance(1_000);
  const before = await world.view('a');
  world.queue.send('a', 2);
  await world.clock.advance(1_000);
  expect(await world.view('a')).toEqual(before);
  expect(world.outcomes()).toEqual(['applied', 'skipped']);
});

test('a worker killed between write and delete: the message comes again, and costs nothing', async () => {
  const world = smallWorld();
  world.source.set('a', 1, 'soup');
  world.queue.send('a', 1);
  const { remove } = world.queue.queue;
  world.queue.queue.remove = () => new Promise(() => {});
  world.start();
  await world.clock.advance(1_000);
  expect((await world.view('a'))?.version).toBe(1);
  world.queue.queue.remove = remove;
  // Another one takes over when the lease has run out; the first is no more, so its leases are not extended.
  world.queue.queue.release = async () => [];
  world.start();
  await world.clock.advance(60_000);
  expect([world.queue.size(), world.source.looks.length]).toEqual([0, 1]);
});

test('the same version with other content is an alarm, and the view stays as it was', async () => {
  const world = smallWorld();
  await world.store.write([{ id: 'a', version: 3, view: { title: 'SOUP' } }]);
  const { look } = world.source;
  world.source.set('a', 3, 'other soup');
  // A source that doesn't heed what we have.
  world.source.look = (wants, signal) =>
    look(
      wants.map(({ id }) => ({ id })),
      signal,
    );
  world.queue.sendBody('{"id":"a","type":"shop.details-changed"}');
  world.start();
  await world.clock.advance(1_000);
  expect(world.events.filter(({ kind }) => kind === 'conflict')).toEqual([{ kind: 'conflict', id: 'a', version: 3 }]);
  expect(await world.view('a')).toMatchObject({ view: { title: 'SOUP' } });
  expect(world.queue.size()).toBe(0);
});

const year = 365 * 24 * 3_600_000;

test.each([
  ['of the oldest a year ahead', { 1: year, 2: 0, 3: -3_600_000 }],
  ['of the newest a year back', { 1: 0, 2: year, 3: -year }],
  ['in the reverse order', { 1: 3_600_000, 2: 0, 3: -3_600_000 }],
])('clocks change no order, %s: the highest version is asked for, once', async (_, clocks) => {
  const world = smallWorld();
  // Who goes by the clock takes the oldest for the newest, and has it already.
  await world.store.write([{ id: 'a', version: 1, view: { title: 'ONE' } }]);
  const type = 'shop.details-changed';
  for (const [version, skew] of Object.entries(clocks)) {
    const facts = writeAttributes(type, { version: Number(version), occurredAt: world.clock.now() + skew });
    world.queue.sendBody(JSON.stringify({ id: 'a', type }), facts);
  }
  world.source.set('a', 3, 'three');
  const { look } = world.source;
  const asked: (number | undefined)[] = [];
  world.source.look = (wants, signal) => {
    asked.push(...wants.map(({ minVersion }) => minVersion));
    return look(wants, signal);
  };
  world.start();
  await world.clock.advance(1_000);
  expect(await world.view('a')).toMatchObject({ version: 3, view: { title: 'THREE' } });
  expect([world.queue.size(), world.count('stale'), asked]).toEqual([0, 0, [3]]);
});

test('a queue that has too many messages in flight is reported, not taken for an empty one', async () => {
  const world = smallWorld();
  const { receive } = world.queue.queue;
  let refusals = 5;
  world.queue.queue.receive = (...each) =>
    refusals-- > 0
      ? Promise.reject(Object.assign(new Error('OverLimit: 120,000 in flight'), { name: 'OverLimit' }))
      : receive(...each);
  world.source.set('a', 1, 'x');
  world.queue.send('a', 1);
  world.start();
  await world.clock.advance(60_000);
  expect(world.events.filter(({ kind }) => kind === 'receive-failed')[0]).toMatchObject({
    reason: 'OverLimit: 120,000 in flight',
  });
  expect(world.queue.size()).toBe(0);
});

test('a replica that stays behind for too long is an alarm', async () => {
  const world = smallWorld({ staleAlarm: 60_000 });
  world.source.set('a', 1, 'old');
  world.queue.send('a', 2);
  world.start();
  await world.clock.advance(50_000);
  expect(world.count('stale-alarm')).toBe(0);
  await world.clock.advance(600_000);
  expect(world.count('stale-alarm')).toBeGreaterThan(0);
  expect(world.queue.dead).toEqual([]);
});

test('a ring of last week that rings again is no alarm at once: it waits since it was sent', async () => {
  const world = smallWorld({ staleAlarm: 60_000 });
  world.source.set('a', 1, 'old');
  const facts = { version: 2, occurredAt: world.clock.now() - 604_800_000, lane: 'replay' } as const;
  world.queue.sendBody('{"id":"a","type":"shop.details-changed"}', writeAttributes('shop.details-changed', facts));
  world.start();
  await world.clock.advance(50_000);
  expect([world.count('stale-alarm'), world.count('stale') > 0]).toEqual([0, true]);
  await world.clock.advance(600_000);
  expect(world.count('stale-alarm')).toBeGreaterThan(0);
});

test.each([
  ['400 days ago', -400 * 86_400_000],
  ['400 days ahead', 400 * 86_400_000],
])(
  'by a clock that says %s a ring that waits is an alarm no earlier and no later than by its message',
  async (_, ms) => {
    const world = smallWorld({ staleAlarm: 60_000 });
    world.source.set('a', 1, 'old');
    const facts = { version: 2, occurredAt: world.clock.now() + ms };
    world.queue.sendBody('{"id":"a","type":"shop.details-changed"}', writeAttributes('shop.details-changed', facts));
    world.start();
    await world.clock.advance(50_000);
    expect([world.count('stale-alarm'), world.count('stale') > 0]).toEqual([0, true]);
    await world.clock.advance(600_000);
    expect(world.count('stale-alarm')).toBeGreaterThan(0);
  },
);
