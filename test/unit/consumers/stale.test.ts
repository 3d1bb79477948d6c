import { describe, expect, test } from 'vitest';
import { smallWorld } from '../../support/worker.ts';

/** Rings of so many resources, of which the source knows nothing yet. */
function worldAhead(resources: number, ...options: Parameters<typeof smallWorld>) {
  const world = smallWorld(...options);
  const ids = Array.from({ length: resources }, (_, n) => `s${n}`);
  for (const id of ids) world.queue.send(id, 1);
  const catchUp = () => {
    for (const id of ids) world.source.set(id, 1, 'x');
  };
  return { world, catchUp };
}

describe('a resource that is stale', () => {
  test.each([0, 1, 4])('is asked again %i times, and then its ring goes back', async (staleTries) => {
    const { world } = worldAhead(1, { staleTries });
    world.start();
    await world.clock.advance(900 * (staleTries + 1));
    expect(world.events.find(({ kind }) => kind === 'returned')).toMatchObject({ reason: 'stale' });
    const untilReturned = world.events.findIndex(({ kind }) => kind === 'returned');
    const looks = world.events.slice(0, untilReturned).filter(({ kind }) => kind === 'looked');
    expect(looks).toHaveLength(staleTries + 1);
  });

  test('is asked for once a look, if the source shows no more than the view has', async () => {
    const { world } = worldAhead(1, { staleTries: 0 });
    world.source.set('b', 4, 'x');
    await world.store.write([{ id: 'b', version: 4, view: { title: 'X' } }]);
    world.queue.send('b', 5);
    world.start();
    await world.clock.advance(500);
    expect(world.source.looks).toEqual([['s0', 'b']]);
  });

  test('keeps no ring from leaving that its view covers, whatever the source shows', async () => {
    const world = smallWorld();
    await world.store.write([{ id: 'a', version: 5, view: { title: 'FIVE' } }]);
    world.source.set('a', 4, 'four');
    world.queue.send('a', 5);
    world.queue.sendBody('{"id":"a","type":"shop.registered"}');
    world.start();
    await world.clock.advance(45);
    expect([world.source.looks.length, world.outcomes().length, world.count('stale')]).toEqual([1, 1, 1]);
  });

  test('once in a while is as patient with each of its changes as with the first', async () => {
    const world = smallWorld({ staleTries: 2 });
    const { look } = world.source;
    let asked = 0;
    // Every first look at a version finds a replica that lags; the next ring comes during the second.
    world.source.look = async (wants, signal) => {
      const version = wants[0]?.minVersion ?? 0;
      if (asked++ % 2 === 1) {
        world.source.set('a', version, 'x');
        if (version < 8) world.queue.send('a', version + 1);
      }
      return look(wants, signal);
    };
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(10_000);
    expect((await world.view('a'))?.version).toBe(8);
    expect([world.queue.size(), world.count('returned'), world.count('stale')]).toEqual([0, 0, 8]);
  });

  test('has two hundred others beside it at most: what is stale beyond them goes back at once', async () => {
    const { world, catchUp } = worldAhead(300);
    world.start();
    // The shortest pause is 50 ms: nobody has been asked again yet.
    await world.clock.advance(45);
    expect([world.source.looks.flat().length, world.count('returned')]).toEqual([300, 100]);
    catchUp();
    await world.clock.advance(60_000);
    expect(world.queue.size()).toBe(0);
  });

  test('is asked again soon, however many were before it', async () => {
    const { world } = worldAhead(150);
    world.start();
    for (let version = 1; version <= 3; version++) {
      await world.clock.advance(20);
      for (let n = 0; n < 150; n++) world.source.set(`s${n}`, version, 'x');
      await world.clock.advance(1_000);
      expect([world.queue.size(), world.count('stale'), world.count('returned')]).toEqual([0, 150 * version, 0]);
      for (let n = 0; n < 150; n++) world.queue.send(`s${n}`, version + 1);
    }
  });

  test('and was handed back when the worker stopped is not asked again', async () => {
    const { world, catchUp } = worldAhead(1);
    const worker = world.start();
    await world.clock.advance(20);
    catchUp();
    const stopped = worker.stop();
    await world.clock.advance(5_000);
    expect(await stopped).toBe(true);
    expect([world.source.looks.length, world.queue.released, world.queue.size()]).toEqual([1, [0], 1]);
  });
});
