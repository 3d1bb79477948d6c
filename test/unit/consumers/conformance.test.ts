import { describe, expect, test } from 'vitest';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { hosts, smallWorld } from '../../support/worker.ts';

/** What must hold wherever a consumer runs. */
describe.each(hosts)('as $name', ({ host }) => {
  describe('a ring', () => {
    test('becomes a view and leaves the queue', async () => {
      const world = smallWorld({}, { host });
      world.source.set('a', 1, 'soup');
      world.queue.send('a', 1);
      world.start();
      await world.clock.advance(100);
      expect(await world.view('a')).toEqual({ id: 'a', version: 1, view: { title: 'SOUP' } });
      expect(world.queue.size()).toBe(0);
      expect(world.outcomes()).toEqual(['applied']);
    });

    test('of which the body alone arrived is looked at, too', async () => {
      const world = smallWorld({}, { host });
      world.source.set('a', 3, 'soup');
      world.queue.sendBody('{"id":"a","type":"shop.registered"}');
      world.start();
      await world.clock.advance(100);
      expect((await world.view('a'))?.version).toBe(3);
      expect(world.queue.size()).toBe(0);
    });

    test('of a type that does not wake the consumer is acked without a look', async () => {
      const world = smallWorld({}, { host });
      world.queue.send('a', 1, 'shop.owner-changed');
      world.queue.send('b', 1, 'resource.moved-abroad');
      world.start();
      await world.clock.advance(100);
      expect([world.queue.size(), world.source.looks]).toEqual([0, []]);
      expect(world.outcomes()).toEqual(['asleep', 'asleep']);
    });
  });

  describe('rule 5: never backwards', () => {
    test('an older answer than the view is not written', async () => {
      const world = smallWorld({}, { host });
      await world.store.write([{ id: 'a', version: 5, view: { title: 'NEW' } }]);
      world.source.set('a', 4, 'old');
      world.queue.sendBody('{"id":"a","type":"shop.details-changed"}');
      world.start();
      await world.clock.advance(100);
      expect(await world.view('a')).toMatchObject({ version: 5, view: { title: 'NEW' } });
    });
  });

  describe('rule 6: stale is not failed', () => {
    test.each([0, 1])(
      'an answer older than the ring and newer than a view of version %i is applied, not acked, and asked for again',
      async (held) => {
        const world = smallWorld({}, { host });
        if (held > 0) await world.store.write([{ id: 'a', version: held, view: { title: 'OLD' } }]);
        world.source.set('a', 2, 'newer');
        world.queue.send('a', 3);
        world.start();
        await world.clock.advance(40);
        expect(await world.view('a')).toMatchObject({ version: 2, view: { title: 'NEWER' } });
        expect([world.queue.size(), world.count('stale')]).toEqual([1, 1]);
        world.source.set('a', 3, 'newest');
        await world.clock.advance(2_000);
        expect(await world.view('a')).toMatchObject({ version: 3, view: { title: 'NEWEST' } });
        expect([world.queue.size(), world.queue.dead]).toEqual([0, []]);
      },
    );

    test('a ring of a version that never comes keeps no other ring from its view', async () => {
      const world = smallWorld({}, { host });
      await world.store.write([{ id: 'a', version: 1, view: { title: 'ONE' } }]);
      world.source.set('a', 2, 'two');
      world.queue.send('a', 999_999);
      world.queue.send('a', 2);
      world.start();
      await world.clock.advance(60_000);
      expect(await world.view('a')).toMatchObject({ version: 2, view: { title: 'TWO' } });
      expect([world.queue.size(), world.queue.dead]).toEqual([1, []]);
      world.source.set('a', 3, 'three');
      world.queue.send('a', 3);
      await world.clock.advance(60_000);
      expect(await world.view('a')).toMatchObject({ version: 3, view: { title: 'THREE' } });
      expect(world.queue.size()).toBe(1);
    });

    test('a replica that is older than the view covers nothing but what the view has', async () => {
      const world = smallWorld({}, { host });
      await world.store.write([{ id: 'a', version: 5, view: { title: 'FIVE' } }]);
      world.source.set('a', 4, 'four');
      for (const version of [5, 6]) world.queue.send('a', version);
      world.queue.sendBody('{"id":"a","type":"shop.details-changed"}');
      world.start();
      await world.clock.advance(5_000);
      expect(await world.view('a')).toMatchObject({ version: 5 });
      expect(world.queue.size()).toBe(2);
      world.source.set('a', 6, 'six');
      await world.clock.advance(600_000);
      expect(await world.view('a')).toMatchObject({ version: 6 });
      expect(world.queue.size()).toBe(0);
    });

    test('a replica that stays behind costs no dead letter: the ring goes back, later and later', async () => {
      const world = smallWorld({}, { host });
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
    test('a closed resource becomes a tombstone, and a late ring cannot bring it back', async () => {
      const world = smallWorld({}, { host });
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

    test('a resource that a ring names and the source does not know is stale, not deleted', async () => {
      const world = smallWorld({}, { host });
      await world.store.write([{ id: 'a', version: 1, view: { title: 'SOUP' } }]);
      world.queue.send('a', 2);
      world.queue.sendBody('{"id":"b","type":"shop.registered"}');
      world.start();
      await world.clock.advance(10_000);
      expect(await world.view('a')).toMatchObject({ version: 1, view: { title: 'SOUP' } });
      expect([world.queue.size(), world.queue.dead.length]).toEqual([2, 0]);
    });
  });

  describe('rule 8: an outage is not poison', () => {
    test('a source that is away for an hour puts nothing into the dead-letter queue', async () => {
      const world = smallWorld({}, { host });
      world.source.isAway = true;
      world.queue.send('a', 1);
      world.start();
      await world.clock.advance(3_600_000);
      expect([world.queue.size(), world.queue.dead.length]).toEqual([1, 0]);
      world.source.isAway = false;
      world.source.set('a', 1, 'soup');
      await world.clock.advance(600_000);
      expect((await world.view('a'))?.version).toBe(1);
      expect(world.queue.size()).toBe(0);
    });
  });

  describe('rule 9: poison leaves at once', () => {
    test.each([
      ['hello', 'not JSON'],
      ['{"id":"a","type":"shop.opened","price":5000}', '"price"'],
      ['{"id":"../admin","type":"shop.opened"}', '"id"'],
    ])('%s goes to the dead-letter queue with its reason, and no request is made', async (body, detail) => {
      const world = smallWorld({}, { host });
      world.queue.sendBody(body);
      world.start();
      await world.clock.advance(100);
      expect(world.queue.dead).toMatchObject([{ reason: 'malformed-notification', message: { body } }]);
      expect(world.queue.dead[0]?.detail).toContain(detail);
      expect([world.queue.size(), world.source.looks]).toEqual([0, []]);
    });

    test('one bad resource harms no other of its batch', async () => {
      const world = smallWorld({}, { host });
      const bad = { a: 'agreement-broken', b: 'source-refused', c: 'projection-failed', d: 'view-invalid' } as const;
      world.source.refuse('a', new SourceRefused('agreement-broken', 200, 'small@1: name: not a string'));
      world.source.refuse('b', new SourceRefused('source-refused', 403, 'the source answers 403'));
      world.source.set('c', 1, 'explode');
      world.source.set('d', 1, 'a name that is much too long for the view');
      for (const id of ['e', 'f', 'g']) world.source.set(id, 1, 'fine');
      for (const id of 'abcdefg') world.queue.send(id, 1);
      world.start();
      await world.clock.advance(200);
      const reasons = Object.fromEntries(
        world.queue.dead.map(({ message, reason }) => [JSON.parse(message.body).id, reason]),
      );
      expect(reasons).toEqual(bad);
      expect(world.queue.dead.find(({ reason }) => reason === 'source-refused')?.status).toBe(403);
      for (const id of ['e', 'f', 'g']) expect((await world.view(id))?.version).toBe(1);
      for (const id of 'abcd') expect(await world.view(id)).toBeUndefined();
      expect(world.queue.size()).toBe(0);
    });

    test('when the dead-letter queue is away, the poison stays in its own', async () => {
      const world = smallWorld({}, { host });
      world.queue.queue.bury = async (letters) => letters.map((_, n) => n);
      world.queue.sendBody('hello');
      world.start();
      await world.clock.advance(1_000);
      expect(world.queue.size()).toBe(1);
      expect(world.queue.released).toEqual([30]);
    });
  });
});
