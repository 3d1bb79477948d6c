import { describe, expect, test } from 'vitest';
import { SourceRefused } from '../../../consumers/runtime/source-error.ts';
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
  test('closes when a later look at its shop covers it', async () => {
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

  test('of another shop stays where it is', async () => {
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
    expect(world.count('heal-failed')).toBeGreaterThan(0);
    world.deadLetters.queue.receive = receive;
    await world.clock.advance(3_600_000);
    expect(world.deadLetters.size()).toBe(0);
  });
});
