import { fileURLToPath } from 'node:url';
import type { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import type { Agreed } from '../../contracts/wire/agreement.ts';
import { readCsvFile } from '../../localstack/import/read-csv.ts';
import { readRow } from '../../localstack/import/read-row.ts';
import type { Ring } from './consumer/protocol.ts';

const SNAPSHOT = fileURLToPath(new URL('../../localstack/data/shops-2021-03.csv', import.meta.url));

/** The 5,690 real shops of 2021 as display has agreed on them. */
export function realShops(): Map<string, Agreed<typeof displayAgreement>> {
  const rows = readCsvFile(SNAPSHOT)
    .map(readRow)
    .flatMap((row) => ('shop' in row ? row.shop : []));
  return new Map(
    rows.map(({ id, details, hours = null, item }) => [
      id,
      {
        region: { province: null, city: null },
        place: null,
        delivery: null,
        parking: null,
        ...details,
        openness: 'open' as const,
        hours,
        menu: item === null ? [] : [{ id: `item_${id.slice(5)}`, priceNote: null, ...item }],
      },
    ]),
  );
}

/** A seeded generator of numbers from 0 to just below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Rings over all shops: each as likely as any other, or the n-th most popular with a weight of 1/n (Zipf, exponent 1). */
export function drawRings(ids: readonly string[], count: number, skew: 'uniform' | 'zipf', seed = 7): Ring[] {
  const random = seeded(seed);
  const weights = ids.map((_, n) => (skew === 'zipf' ? 1 / (n + 1) : 1));
  const sums: number[] = [];
  for (const weight of weights) sums.push((sums.at(-1) ?? 0) + weight);
  const total = sums.at(-1) ?? 0;
  return Array.from({ length: count }, (_, n) => {
    const id = ids[firstAbove(sums, random() * total)] ?? '';
    return { id, eventId: `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` };
  });
}

/** The first place whose sum is above a value. */
function firstAbove(sums: readonly number[], value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
