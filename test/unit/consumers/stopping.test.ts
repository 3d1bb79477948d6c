import { describe, expect, test } from 'vitest';
import type { Message } from '../../../consumers/runtime/queue/queue.ts';
import { smallWorld } from '../../support/worker.ts';

const never = new AbortController().signal;

describe('stopping', () => {
  test('hands back at once what a long poll brings that does not heed it, and looks at none of it', async () => {
    const world = smallWorld();
    world.source.set('late', 1, 'x');
    const { receive } = world.queue.queue;
    const late = Promise.withResolvers<void>();
    world.queue.queue.receive = async (most) => {
      await late.promise;
      return receive(most, 0, never);
    };
    const worker = world.start();
    await world.clock.advance(1_000);
    const stopped = worker.stop();
    world.queue.send('late', 1);
    late.resolve();
    await world.clock.advance(5_000);
    expect(await stopped).toBe(true);
    expect([world.source.looks, world.queue.released, world.queue.size()]).toEqual([[], [0], 1]);
  });

  test.each([
    ['is answered by the look under way, if that covers it', 2, 0, []],
    ['goes back at once where it does not', 1, 1, [0]],
  ] as const)('during a look: a ring that came meanwhile %s, and leaves once', async (_, version, size, released) => {
    const world = smallWorld();
    world.source.delay = 1_000;
    world.source.set('a', version, 'x');
    world.queue.send('a', 1);
    const worker = world.start();
    await world.clock.advance(500);
    world.queue.send('a', 2);
    await world.clock.advance(100);
    const stopped = worker.stop();
    await world.clock.advance(5_000);
    expect(await stopped).toBe(true);
    expect([world.queue.size(), world.queue.released]).toEqual([size, released]);
    expect([world.outcomes().length, world.count('returned')]).toEqual([2 - size, size]);
  });

  test('is an end: nothing is asked of queue and source afterwards, and nothing is said', async () => {
    const world = smallWorld();
    for (const id of ['a', 'b']) world.queue.send(id, 1);
    world.source.set('a', 1, 'x');
    // What the queue never answers stays in hand.
    world.queue.queue.remove = () => new Promise<number[]>(() => {});
    const worker = world.start();
    await world.clock.advance(1_000);
    world.source.isAway = true;
    for (let n = 0; n < 5; n++) world.queue.send(`s${n}`, 1);
    await world.clock.advance(30_000);
    expect(world.count('circuit')).toBe(1);
    const stopped = worker.stop();
    await world.clock.advance(10_000);
    expect(await stopped).toBe(false);
    const calls = { ...world.queue.calls };
    const [looks, events] = [world.source.looks.length, world.events.length];
    await world.clock.advance(3_600_000);
    expect([world.queue.calls, world.source.looks.length, world.events.slice(events)]).toEqual([calls, looks, []]);
  });

  test('is an end for the watchdog, too', async () => {
    const world = smallWorld();
    const worker = world.start();
    await world.clock.advance(1_000);
    expect(await Promise.all([worker.stop(), world.clock.advance(10_000)])).toEqual([true, undefined]);
    await world.clock.advance(3_600_000);
    expect(world.events).toEqual([]);
  });

  test('sends what still waits for company: nothing comes again that was answered', async () => {
    const world = smallWorld();
    world.source.set('a', 1, 'x');
    world.queue.send('a', 1);
    world.queue.sendBody('hello');
    const removed: Message[] = [];
    const { remove } = world.queue.queue;
    world.queue.queue.remove = (messages) => {
      removed.push(...messages);
      return remove(messages);
    };
    const worker = world.start();
    await world.clock.advance(6);
    expect([world.outcomes(), removed.length]).toEqual([['applied'], 0]);
    const stopped = worker.stop();
    await world.clock.advance(1);
    expect([await stopped, removed.length, world.queue.dead.length]).toEqual([true, 2, 1]);
  });

  test('says so if the queue does not hear that a ring goes back, though all else was done in time', async () => {
    const world = smallWorld();
    world.queue.queue.release = () => Promise.reject(new Error('reset'));
    world.queue.send('a', 1);
    const worker = world.start();
    await world.clock.advance(20);
    expect(world.count('stale')).toBe(1);
    const stopped = worker.stop();
    await world.clock.advance(1_000);
    expect([await stopped, world.count('settle-failed')]).toEqual([false, 1]);
  });

  test('says so if the queue does not hear that a message is deleted', async () => {
    const world = smallWorld();
    world.source.set('a', 1, 'x');
    world.queue.send('a', 1);
    world.queue.queue.remove = async (messages) => messages.map((_, n) => n);
    const worker = world.start();
    await world.clock.advance(10);
    const stopped = worker.stop();
    await world.clock.advance(1_000);
    expect([await stopped, world.count('settle-failed')]).toEqual([false, 1]);
  });
});

test('a message that can not be deleted takes no place in hand: others are received', async () => {
  const world = smallWorld({ inHand: 1 });
  const { remove } = world.queue.queue;
  const stays = (message: Message) => message.body.includes('"a"');
  world.queue.queue.remove = async (messages) => {
    await remove(messages.filter((message) => !stays(message)));
    return messages.flatMap((message, n) => (stays(message) ? n : []));
  };
  for (const id of ['a', 'b', 'c']) {
    world.source.set(id, 1, 'x');
    world.queue.send(id, 1);
  }
  world.start();
  await world.clock.advance(1_000);
  expect([world.outcomes().length, world.queue.size()]).toEqual([3, 1]);
});
