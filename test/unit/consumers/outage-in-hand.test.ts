import { describe, expect, test } from 'vitest';
import { smallWorld } from '../../support/worker.ts';

const never = new AbortController().signal;

/** A worker whose source is away, and whose circuit has opened while a long poll was under way. */
async function openCircuit() {
  const world = smallWorld({ inHand: 2 });
  world.source.isAway = true;
  world.queue.send('first', 1);
  const worker = world.start();
  for (let ms = 0; ms < 120_000 && world.count('circuit') === 0; ms += 100) await world.clock.advance(100);
  expect(world.events.filter(({ kind }) => kind === 'circuit')).toMatchObject([{ state: 'open' }]);
  return { world, worker };
}

describe('what a long poll brings that was under way when the circuit opened', () => {
  test('is looked at by nobody, and goes back to the queue within seconds', async () => {
    const { world } = await openCircuit();
    world.queue.send('late', 1);
    await world.clock.advance(100);
    await world.clock.advance(5_900);
    const visible = await world.queue.queue.receive(10, 0, never);
    expect(visible.map(({ body, receiveCount }) => [JSON.parse(body).id, receiveCount])).toContainEqual(['late', 2]);
    expect(world.source.looks.flat()).not.toContain('late');
  });

  test('takes no place that is missing when the source is back', async () => {
    const { world, worker } = await openCircuit();
    for (const id of ['late', 'later']) world.queue.send(id, 1);
    await world.clock.advance(60_000);
    for (const id of ['first', 'late', 'later']) world.source.set(id, 1, 'x');
    world.source.isAway = false;
    await world.clock.advance(60_000);
    expect([world.queue.size(), world.queue.dead]).toEqual([0, []]);
    expect(await Promise.all([worker.stop(), world.clock.advance(10_000)])).toEqual([true, undefined]);
  });
});
