import { describe, expect, test } from 'vitest';
import { smallWorld } from '../../support/worker.ts';

describe('rule 3: ack by version', () => {
  test('a ring that arrives during a look causes exactly one more', async () => {
    const world = smallWorld();
    world.source.delay = 50;
    world.source.set('a', 1, 'one');
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(20);
    for (let version = 2; version <= 6; version++) world.queue.send('a', version);
    await world.clock.advance(20);
    expect(world.source.looks).toHaveLength(1);
    await world.clock.advance(20);
    world.source.set('a', 6, 'six');
    await world.clock.advance(200);
    expect(world.source.looks).toHaveLength(2);
    expect(await world.view('a')).toMatchObject({ version: 6, view: { title: 'SIX' } });
    expect(world.queue.size()).toBe(0);
  });

  test('unless the first answer covers it already', async () => {
    const world = smallWorld();
    world.source.delay = 50;
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(20);
    world.queue.send('a', 2);
    world.source.set('a', 2, 'two');
    await world.clock.advance(200);
    expect(world.source.looks).toHaveLength(1);
    expect(world.queue.size()).toBe(0);
  });

  test('a ring without a version that arrives during a look is never answered by that look', async () => {
    const world = smallWorld();
    world.source.delay = 50;
    world.source.set('a', 9, 'nine');
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(20);
    world.queue.sendBody('{"id":"a","type":"shop.details-changed"}');
    await world.clock.advance(200);
    expect(world.source.looks).toHaveLength(2);
    expect(world.queue.size()).toBe(0);
  });
});

describe('rules 3 and 6: during a look, and stale', () => {
  test('a ring that arrives during a look is not forgotten when the source shows nothing yet', async () => {
    const world = smallWorld();
    world.source.delay = 50;
    world.queue.send('a', 2);
    const worker = world.start();
    await world.clock.advance(20);
    world.queue.send('a', 3);
    world.queue.sendBody('{"id":"a","type":"shop.details-changed"}');
    await world.clock.advance(60);
    world.source.set('a', 3, 'three');
    await world.clock.advance(5_000);
    expect([world.outcomes().length, world.queue.size()]).toEqual([3, 0]);
    expect(await Promise.all([worker.stop(), world.clock.advance(5_000)])).toEqual([true, undefined]);
  });
});

describe('rule 4: one look for many rings', () => {
  test('a thousand rings of one resource are at most two looks', async () => {
    const world = smallWorld();
    world.source.set('a', 1_000, 'hot');
    for (let version = 1; version <= 1_000; version++) world.queue.send('a', version);
    world.start();
    await world.clock.advance(1_000);
    expect(world.source.looks.length).toBeLessThanOrEqual(2);
    expect(world.queue.size()).toBe(0);
  });

  test('resources in hand travel together', async () => {
    const world = smallWorld();
    for (let n = 0; n < 400; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
    }
    world.start();
    await world.clock.advance(1_000);
    expect(world.queue.size()).toBe(0);
    expect(world.source.looks.flat()).toHaveLength(400);
    expect(world.source.looks.length).toBeLessThanOrEqual(40);
    expect(Math.max(...world.source.looks.map((look) => look.length))).toBeLessThanOrEqual(100);
  });
});
