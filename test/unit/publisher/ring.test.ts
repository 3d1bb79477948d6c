import { describe, expect, test } from 'vitest';
import { channelsOf, collapse } from '../../../publisher/relay/ring.ts';
import { ring } from '../../support/ring.ts';

describe('rings that wait together', () => {
  test('of the same shop and type become one, that of the highest version', () => {
    const rings = [ring(1), ring(2, 'shop_2'), ring(3), ring(4, 'shop_1', 'shop.paused'), ring(5)];
    expect(collapse(rings).map(({ position }) => position)).toEqual([2, 4, 5]);
  });

  test('of one shop share a channel, in order', () => {
    const rings = Array.from({ length: 500 }, (_, n) => ring(n + 1, `shop_${n % 37}`, `shop.t${n}`));
    const channels = channelsOf(rings, 8);
    expect(channels.flat()).toHaveLength(500);
    for (const id of new Set(rings.map(({ id }) => id))) {
      const found = channels.filter((channel) => channel.some((each) => each.id === id));
      expect(found).toHaveLength(1);
      const positions = found.flat().flatMap(({ id: each, position }) => (each === id ? position : []));
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    }
  });

  test('travel in no more calls than they fill', () => {
    expect(channelsOf([ring(1), ring(2, 'shop_2'), ring(3, 'shop_3')], 8)).toHaveLength(1);
    expect(channelsOf([], 8)).toEqual([]);
  });
});
