import { describe, expect, test } from 'vitest';
import { smallWorld } from '../../support/worker.ts';

type World = ReturnType<typeof smallWorld>;

/** From now on the queue says of the messages with this in their body that somebody else has them. */
function loseLeases({ queue: { queue } }: World, text: string): void {
  const { release } = queue;
  queue.release = async (entries) => {
    const failed = await release(entries);
    const lost = entries.flatMap(({ message }, n) => (message.body.includes(text) ? n : []));
    return [...new Set([...failed, ...lost])];
  };
}

function worldOf(ids: string[], ...options: Parameters<typeof smallWorld>) {
  const world = smallWorld(...options);
  for (const id of ids) {
    world.source.set(id, 1, 'x');
    world.queue.send(id, 1);
  }
  return world;
}

describe('a lease that was lost', () => {
  test('again and again is no failure of the source, nor of the store', async () => {
    const world = worldOf(['a', 'b', 'c', 'd', 'e', 'f'], { resources: 1, looks: 8 });
    world.source.delay = 25_000;
    loseLeases(world, '');
    world.start();
    await world.clock.advance(120_000);
    expect(world.count('lease-lost')).toBeGreaterThan(6);
    expect([world.count('source-away'), world.count('store-failed'), world.count('circuit')]).toEqual([0, 0, 0]);
  });

  test('takes no place in hand any more', async () => {
    const world = worldOf(['a'], { inHand: 1 });
    world.source.delay = 25_000;
    loseLeases(world, '');
    const worker = world.start();
    await world.clock.advance(11_000);
    expect(world.count('lease-lost')).toBe(1);
    world.queue.send('b', 1);
    await world.clock.advance(1_000);
    expect(world.source.looks).toEqual([['a'], ['b']]);
    world.source.delay = 5;
    await Promise.all([worker.stop(), world.clock.advance(10_000)]);
  });

  test('costs the other ring of its resource nothing: it is looked at in its turn', async () => {
    const world = smallWorld({ looks: 1, resources: 1, leaseCap: 1e9 });
    world.source.delay = 25_000;
    for (const id of ['slow', 'a']) world.source.set(id, 2, 'x');
    world.queue.send('slow', 2);
    world.queue.sendBody('{"id":"a","type":"shop.registered"}');
    world.queue.send('a', 2);
    loseLeases(world, 'registered');
    const worker = world.start();
    await world.clock.advance(11_000);
    expect(world.count('lease-lost')).toBe(1);
    world.source.delay = 5;
    await world.clock.advance(15_000);
    expect((await world.view('a'))?.version).toBe(2);
    await world.clock.advance(60_000);
    expect(world.queue.size()).toBe(0);
    expect(await Promise.all([worker.stop(), world.clock.advance(10_000)])).toEqual([true, undefined]);
  });

  test('of a message that was answered while the queue was asked is not told: nothing was lost', async () => {
    const world = worldOf(['a']);
    world.source.delay = 10_500;
    const { release } = world.queue.queue;
    world.queue.queue.release = async (entries) => {
      await world.clock.sleep(1_000, new AbortController().signal);
      return release(entries);
    };
    world.start();
    await world.clock.advance(60_000);
    expect([world.outcomes(), world.queue.size(), world.count('lease-lost')]).toEqual([['applied'], 0, 0]);
  });
});

test('a lease counts from when the queue was asked and not from its answer: nobody else gets the message meanwhile', async () => {
  const world = worldOf(['a']);
  world.source.delay = 200_000;
  const { release } = world.queue.queue;
  world.queue.queue.release = async (entries) => {
    const failed = await release(entries);
    await world.clock.sleep(21_000, new AbortController().signal);
    return failed;
  };
  world.start();
  await world.clock.advance(210_000);
  expect(world.events.filter(({ kind }) => kind === 'received')).toHaveLength(1);
  expect([world.source.looks.length, world.queue.size()]).toEqual([1, 0]);
});
