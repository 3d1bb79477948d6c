import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketOf, bucketsByPages, childOf, createTallies, differingBuckets } from '../../../contracts/wire/digests.ts';
import { BucketAnswer, DigestRequest, type ResourceVersion } from '../../../contracts/wire/source-api.ts';
import { anyId } from '../../support/ids.ts';
import { idsIn } from '../../support/shops.ts';

/** Digests of the children of `''`. */
function digestsOf(pairs: readonly ResourceVersion[]) {
  const tallies = createTallies();
  for (const pair of pairs) tallies.add(childOf('', bucketOf(pair.id)), pair);
  return tallies.digests();
}

async function* inPages(...pages: ResourceVersion[][]) {
  yield* pages;
}

const pair = fc.record({
  id: anyId,
  version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});
const store = fc.uniqueArray(pair, { selector: ({ id }) => id, maxLength: 40 });

describe('a digest', () => {
  test('is what any language makes of SHA-256, so that nobody changes it unawares', () => {
    // printf 'shop_1' | sha256sum begins with 6c5c1389, printf 'shop_1:7' | sha256sum with ad6a5688e10aab37.
    expect(bucketOf('shop_1')).toBe('6c5c1389');
    expect(digestsOf([{ id: 'shop_1', version: 7 }])).toEqual([{ prefix: '6c', count: 1, hash: 'ad6a5688e10aab37' }]);
  });

  test('of two shops is the XOR of theirs', () => {
    const tallies = createTallies();
    tallies.add('', { id: 'shop_1', version: 7 });
    tallies.add('', { id: 'shop_2', version: 3 });
    expect(tallies.digests()).toEqual([{ prefix: '', count: 2, hash: 'ef5772013060ad9e' }]);
  });

  test('does not depend on the order', () => {
    fc.assert(
      fc.property(store, (pairs) => {
        expect(digestsOf(pairs.toReversed())).toEqual(digestsOf(pairs));
      }),
    );
  });

  test('shows one shop that is missing, one too many, and one of another version', () => {
    fc.assert(
      fc.property(store, pair, (others, one) => {
        const without = digestsOf(others.filter(({ id }) => id !== one.id));
        const held = digestsOf([...others.filter(({ id }) => id !== one.id), one]);
        const newer = digestsOf([
          ...others.filter(({ id }) => id !== one.id),
          { ...one, version: one.version === 1 ? 2 : one.version - 1 },
        ]);
        const bucket = bucketOf(one.id).slice(0, 2);
        expect(differingBuckets(without, held)).toEqual([bucket]);
        expect(differingBuckets(held, without)).toEqual([bucket]);
        expect(differingBuckets(held, newer)).toEqual([bucket]);
        expect(differingBuckets(held, held)).toEqual([]);
      }),
    );
  });
});

describe('a bucket', () => {
  test('is listed while it holds a thousand shops, and divided beyond', async () => {
    const pairs = idsIn('', 1_001).map((id) => ({ id, version: 1 }));
    const few = await bucketsByPages([''], inPages(pairs.slice(0, 600), pairs.slice(600, 1_000)));
    const many = await bucketsByPages([''], inPages(pairs));
    expect(few).toEqual([{ prefix: '', resources: pairs.slice(0, 1_000) }]);
    expect(many).toEqual([{ prefix: '', buckets: digestsOf(pairs) }]);
    for (const answer of [...few, ...many]) expect(BucketAnswer.parse(answer)).toEqual(answer);
  });

  test('holds the shops whose place begins with its name, whatever the other buckets asked for', async () => {
    const inside = idsIn('abc', 3).map((id) => ({ id, version: 1 }));
    const others = idsIn('cd', 2).map((id) => ({ id, version: 2 }));
    const [abcd = ''] = inside.map(({ id }) => bucketOf(id).slice(0, 4));
    const answers = await bucketsByPages(['ab', abcd, '00'], inPages(inside, others));
    expect(answers).toEqual([
      { prefix: 'ab', resources: inside },
      { prefix: abcd, resources: inside.filter(({ id }) => bucketOf(id).startsWith(abcd)) },
      { prefix: '00', resources: [] },
    ]);
  });

  test.each([
    [[]],
    [['a']],
    [['AB']],
    [['00112233']],
    [['ab', 'ab']],
    [Array.from({ length: 65 }, (_, n) => n.toString(16).padStart(4, '0'))],
  ])('can not be asked for as %j', (prefixes) => {
    expect(DigestRequest.safeParse({ prefixes }).success).toBe(false);
    expect(DigestRequest.safeParse({ prefixes: ['', 'ab', 'abcd', 'abcdef'] }).success).toBe(true);
  });
});
