import { describe, expect, test } from 'vitest';
import { SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { lambdaHost, smallWorld } from '../../support/worker.ts';

const HOUR = 3_600_000;

function worldWith(resources: number, ...options: Parameters<typeof smallWorld>) {
  const world = smallWorld(...options);
  for (let n = 0; n < resources; n++) {
    world.source.set(`s${n}`, 1, 'x');
    world.queue.send(`s${n}`, 1);
  }
  return world;
}

describe('a source that is away', () => {
  test('stops receiving: everything in hand goes back, and one resource is asked for now and then', async () => {
    const world = worldWith(50);
    world.source.isAway = true;
    world.start();
    await world.clock.advance(60_000);
    expect(world.events.filter(({ kind }) => kind === 'circuit')).toMatchObject([{ state: 'open' }]);
    const [received, looks] = [world.queue.calls.receive, world.source.looks.length];
    await world.clock.advance(HOUR);
    expect(world.queue.calls.receive).toBe(received);
    const probes = world.source.looks.slice(looks);
    expect(probes.length).toBeGreaterThan(400);
    expect(probes.length).toBeLessThan(1_000);
    expect(new Set(probes.map((ids) => ids.length))).toEqual(new Set([1]));
    expect([world.queue.size(), world.queue.dead.length]).toEqual([50, 0]);
  });

  test('is not one that can not show a single resource: the others are looked at', async () => {
    const world = smallWorld();
    world.source.fail('bad');
    world.queue.send('bad', 1);
    world.start();
    await world.clock.advance(60_000);
    for (let n = 0; n < 20; n++) {
      world.source.set(`s${n}`, 1, 'x');
      world.queue.send(`s${n}`, 1);
    }
    await world.clock.advance(HOUR);
    expect(world.queue.size()).toBe(1);
    expect(world.outcomes()).toHaveLength(20);
    const opened = world.events.filter((event) => event.kind === 'circuit' && event.state === 'open');
    expect(opened).toHaveLength(1);
    // Every five minutes would be 1,440 receives, and a thousand are too many.
    await world.clock.advance(5 * 24 * HOUR);
    expect([world.queue.size(), world.queue.redriven, world.queue.dead]).toEqual([1, [], []]);
  });

  test('is told apart from a single resource that it can not show: that one is named, alone and among others', async () => {
    const world = smallWorld();
    world.source.fail('bad');
    world.source.set('good', 1, 'x');
    for (const id of ['bad', 'good']) world.queue.send(id, 1);
    world.start();
    await world.clock.advance(100);
    expect(world.events.filter(({ kind }) => kind === 'not-shown')).toEqual([
      { kind: 'not-shown', id: 'bad', reason: 'the source can not show this resource' },
    ]);
    await world.clock.advance(600_000);
    const away = world.events.find(({ kind }) => kind === 'source-away');
    expect(away).toMatchObject({ resources: 1, id: 'bad', reason: 'the source answers 500' });
  });

  test.each([
    ['another resource', 0],
    ['the resource that failed', 1],
  ])('and comes and goes, for probes of %s, puts nothing into the dead-letter queue', async (_, answered) => {
    // 20: enough to fill one look after another.
    const world = worldWith(20);
    const { look } = world.source;
    // Only probes are answered: whoever asks for more than one resource, or for another, gets nothing.
    let probes = 0;
    world.source.look = async (wants, signal) => {
      const isProbe = wants.length === 1 && wants[0]?.minVersion === undefined;
      if (isProbe && ++probes % 2 === answered) return look(wants, signal);
      throw new SourceUnavailable('connection refused');
    };
    world.start();
    await world.clock.advance(96 * HOUR);
    expect([world.queue.size(), world.queue.redriven, world.queue.dead]).toEqual([20, [], []]);
  });

  test('is over for the watchdog, too', async () => {
    const world = worldWith(1);
    world.source.isAway = true;
    const worker = world.start();
    await world.clock.advance(119_000);
    world.source.isAway = false;
    await world.clock.advance(10_000);
    expect(worker.health?.()).toEqual({ isHealthy: true, reason: '' });
    await world.clock.advance(600_000);
    expect(world.count('not-receiving')).toBe(0);
  });

  test('for longer than maxReceiveCount times visibility puts nothing into the dead-letter queue, and it drains by itself', async () => {
    const world = worldWith(50, {}, { maxReceiveCount: 8, visibility: 30_000 });
    world.source.isAway = true;
    world.start();
    await world.clock.advance(24 * HOUR);
    expect([world.queue.size(), world.queue.dead, world.queue.redriven]).toEqual([50, [], []]);
    world.source.isAway = false;
    await world.clock.advance(120_000);
    expect([world.queue.size(), world.queue.redriven]).toEqual([0, []]);
  });

  test('for fifteen days puts nothing there either: what is older than fourteen SQS forgets', async () => {
    const world = worldWith(3);
    // It asks for five minutes each time: a twentieth of the probes.
    world.source.look = () => Promise.reject(new SourceUnavailable('503', { status: 503, retryAfter: 300_000 }));
    const worker = world.start();
    await world.clock.advance(15 * 24 * HOUR);
    expect([world.queue.size(), world.queue.dead, world.queue.redriven]).toEqual([0, [], []]);
    await worker.stop();
  });

  test('a Lambda handler asks less and less often, and its receives outlast what SQS keeps', async () => {
    const world = worldWith(1, {}, { host: lambdaHost });
    world.source.isAway = true;
    const lambda = world.start();
    await world.clock.advance(HOUR);
    const inTheFirstHour = world.source.looks.length;
    expect(inTheFirstHour).toBeLessThan(60);
    await world.clock.advance(13 * 24 * HOUR);
    expect([world.queue.size(), world.queue.dead, world.queue.redriven]).toEqual([1, [], []]);
    world.source.isAway = false;
    await world.clock.advance(2 * HOUR);
    expect(world.queue.size()).toBe(0);
    await Promise.all([lambda.stop(), world.clock.advance(60_000)]);
  });

  test('comes back without a stampede: one resource first, then twice as many with each success', async () => {
    const world = worldWith(300);
    world.source.isAway = true;
    world.start();
    await world.clock.advance(10 * 60_000);
    const before = world.source.looks.length;
    world.source.isAway = false;
    await world.clock.advance(10 * 60_000);
    expect(world.queue.size()).toBe(0);
    const [probe, ...sizes] = world.source.looks.slice(before).map((ids) => ids.length);
    expect(probe).toBe(1);
    expect(sizes[0]).toBe(1);
    for (const [n, size] of sizes.entries()) expect(size).toBeLessThanOrEqual(2 * Math.max(1, ...sizes.slice(0, n)));
  });

  test('that fails again right after it came back is left alone at once', async () => {
    const world = worldWith(10);
    world.source.isAway = true;
    world.start();
    await world.clock.advance(60_000);
    world.source.isAway = false;
    const { look } = world.source;
    // The probe works, everything else doesn't.
    world.source.look = async (wants, signal) => {
      const looks = await look(wants, signal);
      if (wants[0]?.minVersion !== undefined) throw new SourceUnavailable('503', { status: 503 });
      return looks;
    };
    await world.clock.advance(120_000);
    const kinds = world.events.map((event) => (event.kind === 'circuit' ? event.state : event.kind));
    const afterwards = kinds
      .slice(kinds.indexOf('closed'))
      .filter((kind) => kind !== 'returned' && kind !== 'received');
    expect(afterwards.slice(0, 6)).toEqual(['closed', 'source-away', 'open', 'closed', 'source-away', 'open']);
  });

  test('is not asked before the time it asked for, within reason', async () => {
    const world = worldWith(1);
    world.source.look = async (wants) => {
      world.source.looks.push(wants.map(({ id }) => id));
      throw new SourceUnavailable('429', { status: 429, retryAfter: 120_000 });
    };
    world.start();
    await world.clock.advance(119_000);
    expect(world.source.looks).toHaveLength(1);
    await world.clock.advance(10_000);
    expect(world.source.looks.length).toBeGreaterThan(1);
  });

  test('and asks for a thousand million seconds is asked again all the same', async () => {
    const world = worldWith(1);
    world.source.look = async (wants) => {
      world.source.looks.push(wants.map(({ id }) => id));
      throw new SourceUnavailable('503', { status: 503, retryAfter: 1e12 });
    };
    world.start();
    await world.clock.advance(HOUR);
    expect(world.source.looks.length).toBeGreaterThan(5);
  });
});

test.each([[['bad', 'good']], [['good', 'bad']]])(
  'a resource that can not be shown stops nobody, in whichever order it came: %j',
  async (ids) => {
    const world = smallWorld();
    world.source.fail('bad');
    world.source.set('good', 1, 'x');
    for (const id of ids) world.queue.send(id, 1);
    world.start();
    await world.clock.advance(600_000);
    world.source.set('good', 2, 'y');
    world.queue.send('good', 2);
    await world.clock.advance(60_000);
    expect((await world.view('good'))?.version).toBe(2);
  },
);
