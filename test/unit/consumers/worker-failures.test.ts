import { describe, expect, test } from 'vitest';
import { SourceRefused } from '../../../consumers/runtime/source-error.ts';
import { smallWorld } from '../../support/worker.ts';

describe('rule 8: an outage is not poison', () => {
  test('a source that is away for an hour puts nothing into the dead-letter queue', async () => {
    const world = smallWorld();
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
    const world = smallWorld();
    world.queue.sendBody(body);
    world.start();
    await world.clock.advance(100);
    expect(world.queue.dead).toMatchObject([{ reason: 'malformed-notification', message: { body } }]);
    expect(world.queue.dead[0]?.detail).toContain(detail);
    expect([world.queue.size(), world.source.looks]).toEqual([0, []]);
  });

  test('one bad shop harms no other of its batch', async () => {
    const world = smallWorld();
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
    const world = smallWorld();
    world.queue.queue.bury = async (letters) => letters.map((_, n) => n);
    world.queue.sendBody('hello');
    world.start();
    await world.clock.advance(1_000);
    expect(world.queue.size()).toBe(1);
    expect(world.queue.released).toEqual([30]);
  });
});

describe('a view that cannot be written', () => {
  test('deletes nothing from the queue', async () => {
    const world = smallWorld();
    world.store.write = () => Promise.reject(new Error('database or disk is full'));
    world.source.set('a', 1, 'soup');
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(1_000);
    expect([world.queue.size(), world.count('store-failed'), world.queue.dead.length]).toEqual([1, 1, 0]);
  });
});

describe('the worker', () => {
  test('goes on when receiving fails, when a message can not be deleted and when a watcher throws', async () => {
    const world = smallWorld();
    const { receive, remove } = world.queue.queue;
    let failures = 3;
    world.queue.queue.receive = (...each) => (failures-- > 0 ? Promise.reject(new Error('reset')) : receive(...each));
    let deletes = 0;
    world.queue.queue.remove = async (messages) => (deletes++ === 0 ? messages.map((_, n) => n) : remove(messages));
    world.events.push = () => {
      throw new Error('a watcher that throws');
    };
    world.source.set('a', 1, 'soup');
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(60_000);
    expect(world.queue.size()).toBe(0);
    expect((await world.view('a'))?.version).toBe(1);
  });

  test('has no more messages in hand than it may', async () => {
    const world = smallWorld({ inHand: 25 });
    world.source.delay = 10_000;
    for (let n = 0; n < 100; n++) world.queue.send(`s${n}`, 1);
    world.start();
    await world.clock.advance(5_000);
    const received = world.events.flatMap((event) => (event.kind === 'received' ? event.messages : []));
    expect(received.reduce((sum, count) => sum + count, 0)).toBe(25);
  });

  test('a slow shop does not stall the others', async () => {
    const world = smallWorld({ shops: 1 });
    const { look } = world.source;
    world.source.look = async (wants, signal) => {
      if (wants[0]?.id === 'slow') await world.clock.sleep(5_000, signal);
      return look(wants, signal);
    };
    for (const id of ['slow', 'a', 'b', 'c', 'd', 'e', 'f']) {
      world.source.set(id, 1, 'x');
      world.queue.send(id, 1);
    }
    world.start();
    await world.clock.advance(1_000);
    expect(world.queue.size()).toBe(1);
    await world.clock.advance(10_000);
    expect(world.queue.size()).toBe(0);
  });

  test('finishes what is in flight when it is stopped, and hands the rest back at once', async () => {
    const world = smallWorld({ looks: 1, shops: 1 });
    world.source.delay = 1_000;
    for (const id of ['a', 'b', 'c']) {
      world.source.set(id, 1, 'x');
      world.queue.send(id, 1);
    }
    const worker = world.start();
    await world.clock.advance(500);
    const stopped = worker.stop();
    await world.clock.advance(2_000);
    expect(await stopped).toBe(true);
    expect((await world.view('a'))?.version).toBe(1);
    expect(world.queue.released).toEqual([0, 0]);
    expect(world.queue.size()).toBe(2);
  });

  test('says so when what is in flight does not finish in time', async () => {
    const world = smallWorld({ drain: 4_000 });
    world.source.delay = 60_000;
    world.queue.send('a', 1);
    const worker = world.start();
    await world.clock.advance(500);
    const stopped = worker.stop();
    await world.clock.advance(5_000);
    expect(await stopped).toBe(false);
    expect([world.queue.size(), world.queue.released]).toEqual([1, [0]]);
  });
});
