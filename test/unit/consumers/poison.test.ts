import { describe, expect, test } from 'vitest';
import { SourceRefused, SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { smallWorld } from '../../support/worker.ts';

const refused = new SourceRefused('agreement-broken', 200, 'small@1: name: not a string');

describe('poison', () => {
  test('is the ring that was looked at, and none that came meanwhile: those get a look of their own', async () => {
    const world = smallWorld({ leaseCap: 1e9 });
    world.source.delay = 50;
    world.source.refuse('a', refused);
    world.queue.send('a', 1);
    world.start();
    await world.clock.advance(20);
    world.queue.send('a', 2);
    // The answer to the first look is drawn up at 50 ms.
    await world.clock.advance(31);
    world.source.forgive('a');
    world.source.set('a', 2, 'mended');
    await world.clock.advance(1_000);
    expect(world.queue.dead.map(({ version }) => version)).toEqual([1]);
    expect(await world.view('a')).toMatchObject({ version: 2, view: { title: 'MENDED' } });
    expect(world.queue.size()).toBe(0);
  });

  test.each([
    ['malformed', 'hello'],
    ['refused', '{"id":"a","type":"shop.registered"}'],
  ])('that is %s takes no place in hand once it is buried', async (_, body) => {
    const world = smallWorld({ inHand: 1 });
    world.source.refuse('a', refused);
    world.source.set('b', 1, 'x');
    for (let n = 0; n < 5; n++) world.queue.sendBody(body);
    world.queue.send('b', 1);
    const worker = world.start();
    await world.clock.advance(1_000);
    expect([world.queue.dead.length, world.queue.size(), world.outcomes()]).toEqual([5, 0, ['applied']]);
    expect(await Promise.all([worker.stop(), world.clock.advance(10_000)])).toEqual([true, undefined]);
  });

  test.each([
    [3, 3],
    [undefined, 7],
  ])('whose ring says version %s and that shows version 7 is kept under version %s', async (rung, kept) => {
    const world = smallWorld();
    world.source.set('a', 7, 'explode');
    if (rung === undefined) world.queue.sendBody('{"id":"a","type":"shop.registered"}');
    else world.queue.send('a', rung);
    world.start();
    await world.clock.advance(1_000);
    expect(world.queue.dead).toMatchObject([{ reason: 'projection-failed', version: kept, field: 'name' }]);
    expect(world.queue.dead[0]?.detail).toBe(
      'project threw Error: cannot project this; the last field that it read is name',
    );
  });
});

test('a resource that fails every look it is in fails alone before long, and opens no circuit', async () => {
  const world = smallWorld();
  const { look } = world.source;
  world.source.look = async (wants, signal) => {
    const looks = await look(wants, signal);
    if (wants.some(({ id }) => id === 'bad')) throw new SourceUnavailable('the source answers 500', { status: 500 });
    return looks;
  };
  for (const id of ['bad', ...Array.from({ length: 19 }, (_, n) => `s${n}`)]) {
    world.source.set(id, 1, 'x');
    world.queue.send(id, 1);
  }
  world.start();
  await world.clock.advance(15_000);
  expect([world.outcomes().length, world.queue.size(), world.count('circuit')]).toEqual([19, 1, 0]);
});
