import { describe, expect, test } from 'vitest';
import { smallWorld } from '../../support/worker.ts';

describe('a ring', () => {
  test('becomes a view and leaves the queue', async () => {
    const world = smallWorld();
    world.source.set('a', 1, 'soup');
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(100);
    expect(await world.view('a')).toEqual({ id: 'a', version: 1, view: { title: 'SOUP' } });
    expect(world.queue.size()).toBe(0);
    expect(world.outcomes()).toEqual(['applied']);
  });

  test('of which the body alone arrived is looked at, too', async () => {
    const world = smallWorld();
    world.source.set('a', 3, 'soup');
    world.queue.sendBody('{"id":"a","type":"shop.registered"}');
    world.start();
    await world.clock.advance(100);
    expect((await world.view('a'))?.version).toBe(3);
    expect(world.queue.size()).toBe(0);
  });

  test('of a type that does not wake the consumer is acked without a look', async () => {
    const world = smallWorld();
    world.queue.send('a', 1, 'shop.owner-changed');
    world.queue.send('b', 1, 'shop.moved-abroad');
    world.start();
    await world.clock.advance(100);
    expect([world.queue.size(), world.source.looks]).toEqual([0, []]);
    expect(world.outcomes()).toEqual(['asleep', 'asleep']);
  });
});

describe('rule 2: a version is a cache validator', () => {
  test('a ring no newer than the view costs no look', async () => {
    const world = smallWorld();
    await world.store.write([{ id: 'a', version: 5, view: { title: 'SOUP' } }]);
    for (const version of [3, 4, 5]) world.queue.send('a', version);
    world.start();
    await world.clock.advance(100);
    expect(world.source.looks).toEqual([]);
    expect(world.outcomes()).toEqual(['skipped', 'skipped', 'skipped']);
    expect(world.queue.size()).toBe(0);
  });
});

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

describe('rule 4: one look for many rings', () => {
  test('a thousand rings of one shop are at most two looks', async () => {
    const world = smallWorld();
    world.source.set('a', 1_000, 'hot');
    for (let version = 1; version <= 1_000; version++) world.queue.send('a', version);
    world.start();
    await world.clock.advance(1_000);
    expect(world.source.looks.length).toBeLessThanOrEqual(2);
    expect(world.queue.size()).toBe(0);
  });

  test('shops in hand travel together', async () => {
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

describe('rule 5: never backwards', () => {
  test('an older answer than the view is not written', async () => {
    const world = smallWorld();
    await world.store.write([{ id: 'a', version: 5, view: { title: 'NEW' } }]);
    world.source.set('a', 4, 'old');
    world.queue.sendBody('{"id":"a","type":"shop.details-changed"}');
    world.start();
    await world.clock.advance(100);
    expect(await world.view('a')).toMatchObject({ version: 5, view: { title: 'NEW' } });
  });
});

describe('rule 6: stale is not failed', () => {
  test('an answer older than the ring is applied, not acked, and asked for again', async () => {
    const world = smallWorld();
    world.source.set('a', 1, 'old');
    world.queue.sendBody('{"id":"a","type":"shop.details-changed"}');
    world.start();
    await world.clock.advance(50);
    expect((await world.view('a'))?.version).toBe(1);
    world.queue.send('a', 2);
    await world.clock.advance(40);
    expect(world.queue.size()).toBe(1);
    world.source.set('a', 2, 'new');
    await world.clock.advance(1_000);
    expect(await world.view('a')).toMatchObject({ version: 2, view: { title: 'NEW' } });
    expect([world.queue.size(), world.queue.dead.length]).toEqual([0, 0]);
    expect(world.count('stale')).toBeGreaterThan(0);
  });

  test('a replica that stays behind costs no dead letter: the ring goes back, later and later', async () => {
    const world = smallWorld();
    world.source.set('a', 1, 'old');
    world.queue.send('a', 2);
    world.start();
    await world.clock.advance(120_000);
    expect(world.queue.dead).toEqual([]);
    expect(world.queue.released.length).toBeGreaterThan(1);
    expect(Math.max(...world.queue.released)).toBeGreaterThan(Math.min(...world.queue.released));
    world.source.set('a', 2, 'new');
    await world.clock.advance(600_000);
    expect((await world.view('a'))?.version).toBe(2);
    expect(world.queue.size()).toBe(0);
  });
});

describe('rule 7: absence has a version', () => {
  test('a closed shop becomes a tombstone, and a late ring cannot bring it back', async () => {
    const world = smallWorld();
    world.source.set('a', 1, 'soup');
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(100);
    world.source.set('a', 2, null);
    world.queue.send('a', 2, 'shop.closed');
    await world.clock.advance(100);
    expect(await world.view('a')).toEqual({ id: 'a', version: 2, view: null });
    // A replica that lags shows it alive once more.
    world.source.set('a', 1, 'soup');
    world.queue.send('a', 1);
    world.queue.sendBody('{"id":"a","type":"shop.registered"}');
    await world.clock.advance(100);
    expect(await world.view('a')).toEqual({ id: 'a', version: 2, view: null });
  });

  test('a shop that a ring names and the source does not know is stale, not deleted', async () => {
    const world = smallWorld();
    await world.store.write([{ id: 'a', version: 1, view: { title: 'SOUP' } }]);
    world.queue.send('a', 2);
    world.queue.sendBody('{"id":"b","type":"shop.registered"}');
    world.start();
    await world.clock.advance(10_000);
    expect(await world.view('a')).toMatchObject({ version: 1, view: { title: 'SOUP' } });
    expect([world.queue.size(), world.queue.dead.length]).toEqual([2, 0]);
  });
});
