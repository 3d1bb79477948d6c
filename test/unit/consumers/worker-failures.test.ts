import { describe, expect, test } from 'vitest';
import { smallWorld } from '../../support/worker.ts';

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

  test('for days puts nothing into the dead-letter queue, and says that it is not the source', async () => {
    const world = smallWorld({}, { maxReceiveCount: 1_000 });
    const { write, probe } = world.store;
    world.store.write = () => Promise.reject(new Error('database or disk is full'));
    world.store.probe = () => Promise.reject(new Error('database or disk is full'));
    // 30: enough for the circuit to open again and again; each hour of each resource costs time.
    for (let n = 0; n < 30; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
    }
    const worker = world.start();
    let health = '';
    for (let hour = 0; hour < 48; hour++) {
      await world.clock.advance(3_600_000);
      health ||= worker.health?.().isHealthy === false ? worker.health().reason : '';
    }
    expect([world.queue.size(), world.queue.redriven, world.queue.dead]).toEqual([30, [], []]);
    expect(health).toBe('the views can not be written: database or disk is full');
    Object.assign(world.store, { write, probe });
    await world.clock.advance(2 * 3_600_000);
    expect([world.queue.size(), world.queue.redriven]).toEqual([0, []]);
    expect(worker.health?.()).toEqual({ isHealthy: true, reason: '' });
  });
});

describe('a store that is full', () => {
  /** 260 resources are rung while nothing can be written, for two minutes. */
  async function full(ms: number) {
    const world = smallWorld();
    const { write, probe } = world.store;
    const fail = () => Promise.reject(new Error('database or disk is full'));
    Object.assign(world.store, { write: fail, probe: fail });
    for (let n = 0; n < 260; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
    }
    const worker = world.start();
    await world.clock.advance(ms);
    return { world, worker, heal: () => Object.assign(world.store, { write, probe }) };
  }

  test('opens a circuit of its own once, and nobody asks the source meanwhile', async () => {
    const { world, worker } = await full(120_000);
    expect(world.events.filter(({ kind }) => kind === 'circuit')).toMatchObject([{ of: 'store', state: 'open' }]);
    expect(world.events.some(({ kind }) => kind === 'source-away')).toBe(false);
    expect(world.source.looks.length).toBeLessThan(10);
    const reasons = new Set(world.events.flatMap((event) => (event.kind === 'returned' ? event.reason : [])));
    expect([...reasons]).toEqual(['database or disk is full']);
    expect(worker.health?.()).toEqual({
      isHealthy: false,
      reason: 'the views can not be written: database or disk is full',
    });
  });

  test('has every view right within ten seconds of its end', async () => {
    const { world, worker, heal } = await full(120_000);
    heal();
    await world.clock.advance(10_000);
    expect([world.queue.size(), world.queue.dead, world.queue.redriven]).toEqual([0, [], []]);
    expect((await world.view('s259'))?.version).toBe(1);
    expect(worker.health?.()).toEqual({ isHealthy: true, reason: '' });
  });

  test('while the source is away as well, both are told, and receiving waits for both', async () => {
    const { world, worker, heal } = await full(1_000);
    world.source.isAway = true;
    heal();
    await world.clock.advance(60_000);
    expect(worker.health?.()).toMatchObject({ isHealthy: true, reason: expect.stringContaining('connection refused') });
    const received = world.queue.calls.receive;
    await world.clock.advance(60_000);
    expect(world.queue.calls.receive).toBe(received);
    world.source.isAway = false;
    await world.clock.advance(20_000);
    expect(world.queue.size()).toBe(0);
  });

  test('for one row alone holds up nobody else', async () => {
    const world = smallWorld();
    const { write } = world.store;
    world.store.write = async (rows) => {
      if (rows.some(({ id }) => id === 'bad')) throw new Error('string or blob too big');
      return write(rows);
    };
    for (const id of ['bad', ...Array.from({ length: 50 }, (_, n) => `s${n}`)]) {
      world.source.set(id, 1, 'x');
      world.queue.send(id, 1);
    }
    world.start();
    await world.clock.advance(60_000);
    expect(world.queue.size()).toBe(1);
    const opened = () => world.events.filter((event) => event.kind === 'circuit' && event.state === 'open').length;
    const before = opened();
    await world.clock.advance(3_600_000);
    expect(opened()).toBe(before);
  });
});

describe('stopping', () => {
  test('waits seven seconds for a queue that does not answer, and no longer', async () => {
    const world = smallWorld();
    world.source.set('a', 1, 'soup');
    world.queue.send('a', 1);
    world.queue.queue.remove = () => new Promise(() => {});
    const worker = world.start();
    await world.clock.advance(100);
    const stopped = worker.stop();
    await world.clock.advance(7_000);
    expect(await stopped).toBe(false);
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

  test('a slow resource does not stall the others', async () => {
    const world = smallWorld({ resources: 1 });
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
    const world = smallWorld({ looks: 1, resources: 1 });
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
