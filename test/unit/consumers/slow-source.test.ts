import { describe, expect, test } from 'vitest';
import { SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { smallWorld } from '../../support/worker.ts';

describe('a slow source', () => {
  test('does not hold up those who were rung later', async () => {
    const world = smallWorld();
    const { look } = world.source;
    world.source.look = async (wants, signal) => {
      if (wants.some(({ id }) => id === 'slow')) await world.clock.sleep(5_000, signal);
      return look(wants, signal);
    };
    world.source.set('slow', 1, 'x');
    world.queue.send('slow', 1);
    world.start();
    await world.clock.advance(100);
    for (let n = 0; n < 20; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
    }
    await world.clock.advance(500);
    expect(world.queue.size()).toBe(1);
    await world.clock.advance(6_000);
    expect(world.queue.size()).toBe(0);
  });

  test('holds up nobody again and again: each who comes right after another is looked at beside it', async () => {
    const world = smallWorld();
    world.source.delay = 5_000;
    world.start();
    await world.clock.advance(100);
    for (const id of ['a', 'b', 'c', 'd']) {
      world.queue.send(id, 1);
      await world.clock.advance(id === 'b' ? 100 : 1);
    }
    await world.clock.advance(100);
    expect(world.source.looks).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  test('that has too much to do is asked for less at once', async () => {
    const world = smallWorld();
    const { look } = world.source;
    let underWay = 0;
    let most = 0;
    let overload = false;
    world.source.look = async (wants, signal) => {
      underWay++;
      most = Math.max(most, underWay);
      try {
        if (overload && underWay > 2) throw new SourceUnavailable('429', { status: 429 });
        return await look(wants, signal);
      } finally {
        underWay--;
      }
    };
    world.source.delay = 200;
    const burst = async (name: string) => {
      for (let n = 0; n < 2_000; n++) {
        world.source.set(`${name}${n}`, 1, 'x');
        world.queue.send(`${name}${n}`, 1);
      }
      await world.clock.advance(3_000);
    };
    world.start();
    await burst('a');
    expect(most).toBeGreaterThan(2);
    overload = true;
    await burst('b');
    most = 0;
    await burst('c');
    expect(most).toBeLessThanOrEqual(3);
    expect(world.queue.dead).toEqual([]);
  });
});
