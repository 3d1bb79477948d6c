import { describe, expect, test } from 'vitest';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { smallWorld } from '../../support/worker.ts';

const refused = new SourceRefused('source-refused', 403, 'the source answers 403');

async function worldWithDeadLetter(send: (world: ReturnType<typeof smallWorld>) => void) {
  const world = smallWorld();
  world.source.refuse('a', refused);
  send(world);
  world.start();
  await world.clock.advance(10_000);
  expect([world.deadLetters.size(), world.queue.size()]).toEqual([1, 0]);
  world.source.forgive('a');
  return world;
}

describe('a dead letter', () => {
  test.each([
    ['knows nothing of it', () => {}],
    ['can not show it', (world: ReturnType<typeof smallWorld>) => world.source.fail('a')],
  ])('that states no version stays open when a source that is asked again %s', async (_, prepare) => {
    const world = await worldWithDeadLetter(({ queue }) => queue.sendBody('{"id":"a","type":"shop.registered"}'));
    prepare(world);
    world.source.set('b', 1, 'rice');
    for (const id of ['a', 'b']) world.queue.send(id, 2);
    await world.clock.advance(3_600_000);
    expect(world.deadLetters.size()).toBe(1);
  });

  test('closes though a thousand others lie before it, and a look came in the middle of a sweep', async () => {
    const world = smallWorld();
    for (let n = 0; n < 1_500; n++) world.deadLetters.sendBody(`not a notification ${n}`);
    world.source.refuse('a', refused);
    world.queue.sendBody('{"id":"a","type":"shop.registered"}');
    const { receive } = world.deadLetters.queue;
    world.deadLetters.queue.receive = async (...each) => {
      await world.clock.sleep(10, each[2]);
      return receive(...each);
    };
    world.start();
    await world.clock.advance(10_000);
    expect(world.deadLetters.size()).toBe(1_501);
    world.source.forgive('a');
    world.source.set('a', 1, 'soup');
    world.source.set('b', 1, 'rice');
    // A sweep takes 1.5 s and begins by itself every ten minutes: here, with the look in its middle.
    await world.clock.advance(599_000);
    world.queue.send('a', 1);
    await world.clock.advance(60_000);
    expect(world.deadLetters.size()).toBe(1_500);
  });

  test('is looked at by one sweep at a time, and by none after the stop', async () => {
    const world = await worldWithDeadLetter(({ queue }) => queue.send('a', 3));
    let [sweeps, most] = [0, 0];
    const { receive } = world.deadLetters.queue;
    world.deadLetters.queue.receive = async (...each) => {
      most = Math.max(most, ++sweeps);
      await world.clock.sleep(5_000, each[2]);
      sweeps--;
      return receive(...each).catch(() => []);
    };
    const worker = world.start();
    for (let version = 1; version < 20; version++) {
      world.source.set('a', version, 'soup');
      world.queue.send('a', version);
      await world.clock.advance(1_000);
    }
    // Two workers: this one, and the one of the world that it began with.
    expect(most).toBeLessThanOrEqual(2);
    const stopped = worker.stop();
    await world.clock.advance(10_000);
    expect(await stopped).toBe(true);
  });

  test('closes when a later look at its resource covers it', async () => {
    const world = await worldWithDeadLetter(({ queue }) => queue.send('a', 3));
    world.source.set('a', 4, 'soup');
    world.queue.send('a', 4);
    await world.clock.advance(10_000);
    expect(world.deadLetters.size()).toBe(0);
    expect(world.events.filter(({ kind }) => kind === 'healed')).toEqual([{ kind: 'healed', letters: 1 }]);
  });

  test('stays open while no look has reached its version', async () => {
    const world = await worldWithDeadLetter(({ queue }) => queue.send('a', 5));
    world.source.set('a', 4, 'soup');
    world.queue.send('a', 4);
    await world.clock.advance(3_600_000);
    expect(world.deadLetters.size()).toBe(1);
  });

  test('that states no version closes when somebody has looked since', async () => {
    const world = await worldWithDeadLetter(({ queue }) => queue.sendBody('{"id":"a","type":"shop.registered"}'));
    world.source.set('a', 1, 'soup');
    world.queue.send('a', 1);
    await world.clock.advance(10_000);
    expect(world.deadLetters.size()).toBe(0);
  });

  test('of another resource stays where it is', async () => {
    const world = await worldWithDeadLetter(({ queue }) => queue.send('a', 3));
    world.source.set('b', 9, 'soup');
    world.queue.send('b', 9);
    await world.clock.advance(3_600_000);
    expect(world.deadLetters.size()).toBe(1);
  });

  test('that is no notification stays for a person to see', async () => {
    const world = await worldWithDeadLetter(({ queue }) => queue.sendBody('hello'));
    await world.clock.advance(24 * 3_600_000);
    expect(world.deadLetters.size()).toBe(1);
  });

  test('of a former life closes, too: the views tell', async () => {
    const world = smallWorld();
    await world.store.write([{ id: 'a', version: 7, view: { title: 'SOUP' } }]);
    world.deadLetters.send('a', 7);
    world.deadLetters.send('a', 8);
    world.start();
    await world.clock.advance(10_000);
    expect(world.deadLetters.size()).toBe(1);
  });

  test('closes also when the dead-letter queue was away for a while', async () => {
    const world = await worldWithDeadLetter(({ queue }) => queue.send('a', 3));
    const { receive } = world.deadLetters.queue;
    world.deadLetters.queue.receive = () => Promise.reject(new Error('away'));
    world.source.set('a', 3, 'soup');
    world.queue.sendBody('{"id":"a","type":"shop.registered"}');
    await world.clock.advance(10_000);
    expect(world.count('sweep-failed')).toBeGreaterThan(0);
    world.deadLetters.queue.receive = receive;
    await world.clock.advance(3_600_000);
    expect(world.deadLetters.size()).toBe(0);
  });
});
