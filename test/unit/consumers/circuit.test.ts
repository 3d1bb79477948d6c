import { describe, expect, test } from 'vitest';
import { SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { smallWorld } from '../../support/worker.ts';

type World = ReturnType<typeof smallWorld>;

const away = new SourceUnavailable('connection refused');

/** Rings so many resources one after the other, and says of each whether the source answers. */
async function ringOneByOne(world: World, answers: readonly boolean[]): Promise<void> {
  const { look } = world.source;
  for (const [n, isAnswered] of answers.entries()) {
    const id = `s${n}`;
    world.source.set(id, 1, 'x');
    let isFirst = true;
    world.source.look = (wants, signal) => {
      const fails = isFirst && !isAnswered;
      isFirst = false;
      return fails ? Promise.reject(away) : look(wants, signal);
    };
    world.queue.send(id, 1);
    // What fails is looked at again a second later, and answered then.
    await world.clock.advance(100);
    if (isAnswered) await world.clock.advance(10_000);
  }
  world.source.look = look;
}

const circuits = ({ events }: World) => events.flatMap((event) => (event.kind === 'circuit' ? event.state : []));

describe('the circuit', () => {
  test.each([
    ['three failures in a row', [false, false, false], ['open']],
    ['two failures and a success, again and again', [false, false, true, false, false, true, false, false, true], []],
  ] as const)('after %s', async (_, answers, expected) => {
    const world = smallWorld();
    world.start();
    await ringOneByOne(world, answers);
    expect(circuits(world)).toEqual(expected);
  });

  test('is as patient after an outage as before it', async () => {
    const world = smallWorld();
    world.source.isAway = true;
    world.source.set('a', 1, 'x');
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(60_000);
    world.source.isAway = false;
    await world.clock.advance(60_000);
    expect([world.queue.size(), circuits(world)]).toEqual([0, ['open', 'closed']]);
    await ringOneByOne(world, [false, false, true]);
    expect(circuits(world)).toEqual(['open', 'closed']);
  });

  test('notices the end of a short outage at once, though a long one came before it', async () => {
    const world = smallWorld();
    world.start();
    for (const [id, outage] of [
      ['a', 3 * 3_600_000],
      ['b', 30_000],
    ] as const) {
      world.source.set(id, 1, 'x');
      world.source.isAway = true;
      world.queue.send(id, 1);
      await world.clock.advance(outage);
      world.source.isAway = false;
      await world.clock.advance(outage > 60_000 ? 60_000 : 3_000);
    }
    expect(circuits(world)).toEqual(['open', 'closed', 'open', 'closed']);
  });

  test('opens once, however many looks fail together, and asks for one resource at a time', async () => {
    const world = smallWorld({ resources: 1, looks: 8 });
    world.source.isAway = true;
    world.source.delay = 500;
    for (let n = 0; n < 8; n++) world.queue.send(`s${n}`, 1);
    world.start();
    await world.clock.advance(20_000);
    expect(circuits(world)).toEqual(['open']);
    const before = world.source.looks.length;
    await world.clock.advance(60_000);
    // At least half a second and the answer's half lie between two of them.
    expect(world.source.looks.length - before).toBeLessThanOrEqual(60);
  });

  test('asks a source that is away no sooner than it asked for', async () => {
    const world = smallWorld();
    for (const id of ['a', 'b', 'c']) world.queue.send(id, 1);
    let asked = 0;
    world.source.look = async () => {
      asked++;
      throw new SourceUnavailable('503', { status: 503, retryAfter: 60_000 });
    };
    world.start();
    await world.clock.advance(600_000);
    expect(circuits(world)).toEqual(['open']);
    const before = asked;
    await world.clock.advance(600_000);
    expect(asked - before).toBeGreaterThan(5);
    expect(asked - before).toBeLessThanOrEqual(10);
  });

  test.each([95, 105, 115])('that was open for %i s leaves no doubt that the consumer receives', async (seconds) => {
    const world = smallWorld();
    world.source.isAway = true;
    world.queue.send('a', 1);
    const worker = world.start();
    await world.clock.advance(seconds * 1_000);
    // An operator purges the queue: a long poll that brings nothing takes 20 s.
    await world.queue.queue.remove(await world.queue.queue.receive(10, 0, new AbortController().signal));
    expect(world.queue.size()).toBe(0);
    world.source.isAway = false;
    for (let n = 0; n < 40; n++) {
      await world.clock.advance(1_000);
      expect(worker.health?.().isHealthy).toBe(true);
    }
    expect([circuits(world), world.count('not-receiving')]).toEqual([['open', 'closed'], 0]);
  });

  test('opens for a resource that failed alone once, and could be shown since', async () => {
    const world = smallWorld();
    world.source.fail('bad');
    world.source.set('good', 1, 'x');
    for (const id of ['bad', 'good']) world.queue.send(id, 1);
    const { look } = world.source;
    world.start();
    await world.clock.advance(600_000);
    expect(circuits(world)).toEqual(['open', 'closed']);
    world.source.mend('bad');
    world.source.set('bad', 1, 'x');
    await world.clock.advance(600_000);
    expect(world.queue.size()).toBe(0);
    world.source.look = (wants, signal) => (wants.length === 1 ? Promise.reject(away) : look(wants, signal));
    world.queue.send('bad', 2);
    await world.clock.advance(60_000);
    expect(circuits(world)).toEqual(['open', 'closed', 'open']);
  });
});

describe('receiving', () => {
  test('that failed for a while is soon tried again when it fails once more', async () => {
    const world = smallWorld();
    const { receive } = world.queue.queue;
    let failures = 10;
    world.queue.queue.receive = (...each) => (failures-- > 0 ? Promise.reject(new Error('reset')) : receive(...each));
    world.start();
    await world.clock.advance(200_000);
    expect(world.count('receive-failed')).toBe(10);
    failures = 1;
    world.source.set('a', 1, 'x');
    // The long poll under way takes 20 s at most.
    for (let n = 0; n < 250 && world.count('receive-failed') < 11; n++) await world.clock.advance(100);
    expect(world.count('receive-failed')).toBe(11);
    world.queue.send('a', 1);
    await world.clock.advance(500);
    expect(world.queue.size()).toBe(0);
  });
});

test('a message that was deleted is extended no more, and is not lost', async () => {
  const world = smallWorld();
  world.source.set('a', 1, 'x');
  world.queue.send('a', 1);
  world.start();
  await world.clock.advance(120_000);
  expect([world.queue.calls.release, world.count('extended'), world.count('lease-lost')]).toEqual([0, 0, 0]);
});
