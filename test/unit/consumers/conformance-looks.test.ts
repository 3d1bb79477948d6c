import { describe, expect, test } from 'vitest';
import { hosts, smallWorld } from '../../support/worker.ts';

/** When a consumer looks, wherever it runs; what it makes of the answer is in conformance.test.ts. */
describe.each(hosts)('as $name', ({ host }) => {
  describe('rule 1: look, don’t assume', () => {
    test.each(['shop.closed', 'shop.registered', 'shop.details-changed'])(
      'what a ring of %s means is what the source shows',
      async (type) => {
        const world = smallWorld({}, { host });
        world.source.set('open', 3, 'soup');
        world.source.set('gone', 3, null);
        for (const id of ['open', 'gone']) world.queue.send(id, 3, type);
        world.start();
        await world.clock.advance(100);
        expect(world.source.looks.flat().toSorted()).toEqual(['gone', 'open']);
        expect(await world.view('open')).toMatchObject({ version: 3, view: { title: 'SOUP' } });
        expect(await world.view('gone')).toMatchObject({ version: 3, view: null });
      },
    );
  });

  describe('rule 2: a version is a cache validator', () => {
    test('a ring no newer than the view costs no look', async () => {
      const world = smallWorld({}, { host });
      await world.store.write([{ id: 'a', version: 5, view: { title: 'SOUP' } }]);
      for (const version of [3, 4, 5]) world.queue.send('a', version);
      world.start();
      await world.clock.advance(100);
      expect(world.source.looks).toEqual([]);
      expect(world.outcomes()).toEqual(['skipped', 'skipped', 'skipped']);
      expect(world.queue.size()).toBe(0);
    });
  });

  describe('rules 3 and 4: acked by version, one look for many rings', () => {
    test('the rings of one event are one look for each resource, in one call', async () => {
      const world = smallWorld({}, { host });
      for (const id of ['a', 'b', 'c']) {
        world.source.set(id, 3, 'x');
        for (const version of [1, 2, 3]) world.queue.send(id, version);
      }
      world.start();
      await world.clock.advance(100);
      expect(world.source.looks).toEqual([['a', 'b', 'c']]);
      expect(world.queue.size()).toBe(0);
    });

    test('a ring above the answer is not acked by it', async () => {
      const world = smallWorld({}, { host });
      world.source.set('a', 2, 'x');
      for (const version of [1, 2, 3]) world.queue.send('a', version);
      world.start();
      await world.clock.advance(60_000);
      expect([world.queue.size(), (await world.view('a'))?.version]).toEqual([1, 2]);
    });
  });
});
