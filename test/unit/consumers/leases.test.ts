import { describe, expect, test } from 'vitest';
import { smallWorld } from '../../support/worker.ts';

function slowWorld(...options: Parameters<typeof smallWorld>) {
  const world = smallWorld(...options);
  world.source.set('a', 1, 'soup');
  world.queue.send('a', 1);
  return world;
}

describe('a lease', () => {
  test('that was lost during a look covers nothing that came meanwhile: what was found was not written', async () => {
    const world = slowWorld();
    world.source.set('b', 1, 'rice');
    world.queue.send('b', 1);
    world.source.delay = 25_000;
    const { release } = world.queue.queue;
    let isLost = false;
    world.queue.queue.release = async (entries) => {
      const failed = await release(entries);
      if (isLost) return failed;
      isLost = true;
      // Somebody else has it by now, has looked and has deleted it.
      await world.store.write([{ id: 'a', version: 1, view: { title: 'SOUP' } }]);
      const lost = entries.filter(({ message }) => JSON.parse(message.body).id === 'a');
      await world.queue.queue.remove(lost.map(({ message }) => message));
      return [...failed, ...lost.map((each) => entries.indexOf(each))];
    };
    world.start();
    await world.clock.advance(5_000);
    world.source.set('a', 2, 'stew');
    world.queue.send('a', 2);
    await world.clock.advance(120_000);
    expect(world.count('lease-lost')).toBe(1);
    expect(await world.view('a')).toMatchObject({ version: 2 });
    expect(world.queue.size()).toBe(0);
  });

  test('that was lost while its message is being deleted frees one slot', async () => {
    const world = smallWorld({ inHand: 10 });
    const { remove } = world.queue.queue;
    world.queue.queue.remove = async (messages) => {
      const failed = await remove(messages);
      await world.clock.sleep(15_000, new AbortController().signal);
      return failed;
    };
    for (let n = 0; n < 10; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
    }
    world.start();
    await world.clock.advance(20_000);
    expect(world.count('lease-lost')).toBe(10);
    world.source.delay = 60_000;
    for (let n = 0; n < 100; n++) world.queue.send(`t${n}`, 1);
    const before = world.events.length;
    await world.clock.advance(5_000);
    const received = world.events.slice(before).flatMap((event) => (event.kind === 'received' ? event.messages : []));
    expect(received.reduce((sum, count) => sum + count, 0)).toBe(10);
  });

  test('is extended while the work goes on, and nobody else gets the message', async () => {
    const world = slowWorld();
    world.source.delay = 120_000;
    world.start();
    await world.clock.advance(130_000);
    expect(world.queue.size()).toBe(0);
    expect(world.source.looks).toHaveLength(1);
    expect(world.count('extended')).toBeGreaterThan(3);
    expect(world.count('lease-lost')).toBe(0);
  });

  test('is extended no more after ten minutes: work that takes longer hangs, and somebody else may try', async () => {
    const world = slowWorld();
    const { look } = world.source;
    let hangs = true;
    world.source.look = async (wants, signal) => {
      if (!hangs) return look(wants, signal);
      world.source.looks.push(wants.map(({ id }) => id));
      await world.clock.sleep(1e9, signal);
      throw signal.reason;
    };
    world.start();
    await world.clock.advance(60_000);
    hangs = false;
    await world.clock.advance(700_000);
    expect(world.count('lease-lost')).toBe(1);
    expect(world.queue.size()).toBe(0);
    expect((await world.view('a'))?.version).toBe(1);
  });

  test('that was lost ends the look, and its result is not written', async () => {
    const world = slowWorld();
    const { release } = world.queue.queue;
    world.queue.queue.release = async (entries) => {
      await release(entries);
      return entries.map((_, n) => n);
    };
    let wasCut = false;
    world.source.look = async (wants, signal) => {
      world.source.looks.push(wants.map(({ id }) => id));
      await world.clock.sleep(25_000, signal);
      wasCut = signal.aborted;
      return wants.map(() => ({ kind: 'found', version: 1, resource: { name: 'soup' } }));
    };
    world.start();
    await world.clock.advance(29_000);
    expect([world.count('lease-lost'), wasCut]).toEqual([1, true]);
    expect(await world.view('a')).toBeUndefined();
    expect(world.queue.size()).toBe(1);
  });

  test('of one resource that was lost does not end the look of the others', async () => {
    const world = slowWorld();
    world.source.set('b', 1, 'tea');
    world.queue.send('b', 1);
    world.source.delay = 25_000;
    const { release } = world.queue.queue;
    world.queue.queue.release = async (entries) => {
      await release(entries);
      return entries.flatMap(({ message }, n) => (message.body.includes('"a"') ? n : []));
    };
    world.start();
    await world.clock.advance(26_000);
    expect((await world.view('b'))?.version).toBe(1);
    expect(await world.view('a')).toBeUndefined();
  });

  test.each([12, 30, 60])(
    'of %i s that the queue lets nobody extend is held for as long and no longer: somebody else has the message then',
    async (visibility) => {
      const world = slowWorld({ visibility }, { visibility: visibility * 1_000 });
      world.source.delay = 600_000;
      world.queue.queue.release = () => Promise.reject(new Error('reset'));
      world.start();
      await world.clock.advance(visibility * 1_000 - 1);
      expect(world.count('lease-lost')).toBe(0);
      await world.clock.advance(1);
      expect(world.count('lease-lost')).toBe(1);
    },
  );

  test('is not given up because one call failed', async () => {
    const world = slowWorld();
    world.source.delay = 100_000;
    const { release } = world.queue.queue;
    let calls = 0;
    world.queue.queue.release = (entries) => (calls++ === 0 ? Promise.reject(new Error('reset')) : release(entries));
    world.start();
    await world.clock.advance(110_000);
    expect([world.count('lease-lost'), world.queue.size(), world.source.looks.length]).toEqual([0, 0, 1]);
  });
});

describe('the watchdog', () => {
  test('reports a consumer that has stopped receiving without a word', async () => {
    const world = smallWorld();
    world.queue.queue.receive = () => new Promise(() => {});
    world.start();
    await world.clock.advance(59_000);
    expect(world.count('not-receiving')).toBe(0);
    await world.clock.advance(122_000);
    expect(world.count('not-receiving')).toBe(3);
  });

  test('is content with empty answers', async () => {
    const world = smallWorld();
    world.start();
    await world.clock.advance(600_000);
    expect(world.count('not-receiving')).toBe(0);
  });
});

describe('pollers', () => {
  test('are one on a quiet queue, and more when it is deep', async () => {
    const world = smallWorld();
    world.start();
    await world.clock.advance(200_000);
    expect(world.queue.calls.receive).toBe(11);
    const { receive } = world.queue.queue;
    let underWay = 0;
    let most = 0;
    world.queue.queue.receive = async (...each) => {
      most = Math.max(most, ++underWay);
      return receive(...each).finally(() => underWay--);
    };
    for (let n = 0; n < 2_000; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
    }
    await world.clock.advance(10_000);
    expect(most).toBeGreaterThan(5);
    expect(world.queue.size()).toBe(0);
    // Ten long polls of 20 s, and those that were under way.
    const before = world.queue.calls.receive;
    await world.clock.advance(200_000);
    expect(world.queue.calls.receive - before).toBeLessThanOrEqual(20);
  });
});

describe('a window', () => {
  test('lets rings of many resources travel together, also on a quiet queue', async () => {
    const world = smallWorld({ window: 25 });
    world.start();
    await world.clock.advance(1_000);
    for (const id of ['a', 'b', 'c', 'd']) {
      world.source.set(id, 1, 'x');
      world.queue.send(id, 1);
      await world.clock.advance(5);
    }
    await world.clock.advance(100);
    expect(world.source.looks.flat()).toHaveLength(4);
    expect(world.source.looks.length).toBeLessThan(4);
  });

  test('is off by default: one ring on a quiet queue is looked at at once, alone', async () => {
    const world = smallWorld();
    world.start();
    await world.clock.advance(1_000);
    world.source.set('a', 1, 'x');
    world.queue.send('a', 1);
    await world.clock.advance(0);
    expect(world.source.looks).toEqual([['a']]);
  });
});
