import { describe, expect, test } from 'vitest';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { smallWorld } from '../../support/worker.ts';

const letter = '{"id":"a","type":"shop.registered"}';

describe('a dead letter that states no version', () => {
  test('stays open for a look that began before it, and closes for the next, even in the middle of a sweep', async () => {
    const world = smallWorld();
    const { receive } = world.deadLetters.queue;
    world.deadLetters.queue.receive = async (...each) => {
      await world.clock.sleep(1_000, each[2]);
      return receive(...each);
    };
    world.deadLetters.sendBody(letter);
    world.source.set('a', 1, 'soup');
    world.start();
    await world.clock.advance(10_000);
    expect(world.deadLetters.size()).toBe(1);
    world.source.delay = 5_000;
    world.queue.send('a', 1);
    await world.clock.advance(3_000);
    // Another worker buries a ring of this resource during our look.
    world.deadLetters.sendBody(letter);
    // The look is over at 15 s; the sweep that follows takes from 16 to 19, and at 18 it has judged what it found.
    await world.clock.advance(5_300);
    expect([world.outcomes().length, world.deadLetters.size()]).toEqual([1, 1]);
    world.source.delay = 5;
    world.source.set('a', 2, 'stew');
    world.queue.send('a', 2);
    await world.clock.advance(20_000);
    expect(world.deadLetters.size()).toBe(0);
  });
});

test('a dead letter closes soon though the look that covers it came right after it was buried', async () => {
  const world = smallWorld();
  world.source.refuse('a', new SourceRefused('agreement-broken', 200, 'small@1: name: not a string'));
  world.start();
  await world.clock.advance(100_000);
  world.queue.sendBody(letter);
  await world.clock.advance(100);
  expect(world.deadLetters.size()).toBe(1);
  world.source.forgive('a');
  world.source.set('a', 1, 'soup');
  world.queue.send('a', 1);
  await world.clock.advance(10_000);
  expect(world.deadLetters.size()).toBe(0);
});

describe('going through the dead letters', () => {
  test('is not done for looks at resources that have none', async () => {
    const world = smallWorld();
    world.start();
    await world.clock.advance(10_000);
    const before = world.deadLetters.calls.receive;
    for (let n = 0; n < 20; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
      await world.clock.advance(2_000);
    }
    expect([world.outcomes().length, world.deadLetters.calls.receive - before]).toEqual([20, 0]);
  });

  test('ends, though the same letters come again and again', async () => {
    const world = smallWorld();
    const { receive } = world.deadLetters.queue;
    for (let n = 0; n < 3; n++) world.deadLetters.sendBody(`not a notification ${n}`);
    const letters = await receive(10, 0, new AbortController().signal);
    let receives = 0;
    world.deadLetters.queue.receive = async (_most, _wait, signal) => {
      receives++;
      await world.clock.sleep(10, signal);
      return letters;
    };
    world.start();
    await world.clock.advance(60_000);
    // Until a thousand are together, and once more to see that there are no others.
    expect(receives).toBeLessThan(1_000);
  });

  test('counts as closed what was deleted, and nothing else', async () => {
    const world = smallWorld();
    await world.store.write([{ id: 'a', version: 9, view: { title: 'SOUP' } }]);
    for (const version of [1, 2, 3]) world.deadLetters.send('a', version);
    const { remove } = world.deadLetters.queue;
    world.deadLetters.queue.remove = async (letters) => {
      await remove(letters.slice(1));
      return [0];
    };
    world.start();
    await world.clock.advance(10_000);
    expect(world.deadLetters.size()).toBe(1);
    expect(world.events.filter(({ kind }) => kind === 'healed')).toEqual([{ kind: 'healed', letters: 2 }]);
  });

  test('is over when stopping is: no call is under way afterwards', async () => {
    const world = smallWorld();
    await world.store.write([{ id: 'a', version: 9, view: { title: 'SOUP' } }]);
    world.deadLetters.send('a', 1);
    const { remove } = world.deadLetters.queue;
    let underWay = 0;
    world.deadLetters.queue.remove = async (letters) => {
      underWay++;
      await world.clock.sleep(3_000, new AbortController().signal);
      underWay--;
      return remove(letters);
    };
    const worker = world.start();
    await world.clock.advance(1_500);
    expect(underWay).toBe(1);
    let atTheEnd = -1;
    const stopped = worker.stop().finally(() => {
      atTheEnd = underWay;
    });
    await world.clock.advance(6_000);
    expect([await stopped, atTheEnd]).toEqual([true, 0]);
  });
});
