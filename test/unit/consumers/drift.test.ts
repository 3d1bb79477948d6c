import { describe, expect, onTestFinished, test } from 'vitest';
import { createSourceClient } from '../../../consumers/runtime/source/client.ts';
import { differingResources, findDrift } from '../../../consumers/runtime/source/drift.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { bucketOf, bucketsByPages } from '../../../contracts/wire/digests.ts';
import { DigestRequest, type ResourceVersion } from '../../../contracts/wire/source-api.ts';
import { httpServer, json } from '../../support/http-server.ts';
import { idsIn } from '../../support/shops.ts';
import { smallClient } from '../../support/small-client.ts';
import { smallAgreement } from '../../support/small-consumer.ts';
import { until } from '../../support/wait.ts';

const never = new AbortController().signal;

/** A store of (id, version) in memory, read as every store is. */
function storeOf(resources: readonly ResourceVersion[]) {
  const sorted = resources.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    scanVersions: async (after: string, limit: number) => sorted.filter(({ id }) => id > after).slice(0, limit),
  };
}

/** A source in memory that answers as a source API does, and counts. */
function sourceOf(resources: readonly ResourceVersion[]) {
  const asked: string[][] = [];
  async function* pages() {
    yield resources;
  }
  const digests = (prefixes: readonly string[]) => {
    asked.push([...prefixes]);
    return bucketsByPages(DigestRequest.parse({ prefixes }).prefixes, pages());
  };
  return { asked, digests };
}

const drift = (ours: readonly ResourceVersion[], source: ReturnType<typeof sourceOf>) =>
  findDrift({ store: storeOf(ours), source, clock: systemClock }, never);

const resources = (count: number, prefix = '') => idsIn(prefix, count).map((id, n) => ({ id, version: 1 + (n % 9) }));

describe('drift', () => {
  test('is none between equal stores, and one call says so', async () => {
    for (const both of [[], resources(10), resources(3_000)]) {
      const source = sourceOf(both);
      expect(await drift(both, source)).toEqual([]);
      expect(source.asked).toEqual([['']]);
    }
  });

  test('goes down a level where a bucket holds more than a thousand resources', async () => {
    const all = [...resources(1_500, 'ab'), ...resources(500, 'cd')];
    const [lost = { id: '', version: 0 }] = all;
    const source = sourceOf(all);
    expect(await drift(all.slice(1), source)).toEqual([{ id: lost.id, ours: null, theirs: lost.version }]);
    expect(source.asked).toEqual([[''], ['ab'], [bucketOf(lost.id).slice(0, 4)]]);
  });

  test('is found whole where everything differs, 32 buckets a call', async () => {
    const all = resources(3_000);
    const source = sourceOf(all);
    const found = await drift([], source);
    expect(found).toHaveLength(3_000);
    expect(source.asked.map(({ length }) => length)).toEqual([1, ...Array.from({ length: 8 }, () => 32)]);
  });

  test('is what the source no longer knows, too', async () => {
    const ours = resources(2_000);
    const found = await drift(ours, sourceOf([]));
    expect(found).toHaveLength(2_000);
    expect(found[0]).toEqual({ id: 's0', ours: 1, theirs: null });
  });

  test('is looked for no longer when it is to stop', async () => {
    const source = sourceOf(resources(2_000));
    const stopped = findDrift({ store: storeOf([]), source, clock: systemClock }, AbortSignal.abort(new Error('stop')));
    await expect(stopped).rejects.toThrow('stop');
  });

  test('names both versions, and null on the side that has none', () => {
    const ours = [
      { id: 'a', version: 1 },
      { id: 'b', version: 3 },
      { id: 'c', version: 1 },
    ];
    const theirs = [
      { id: 'a', version: 1 },
      { id: 'b', version: 2 },
      { id: 'd', version: 4 },
    ];
    expect(differingResources(ours, theirs)).toEqual([
      { id: 'b', ours: 3, theirs: 2 },
      { id: 'd', ours: null, theirs: 4 },
      { id: 'c', ours: 1, theirs: null },
    ]);
  });
});

describe('asking for digests', () => {
  const digest = { prefix: 'ab', count: 1, hash: '0123456789abcdef' };

  test('sends the buckets with the token, and gives back what is in them', async () => {
    const { url, seen } = await httpServer((_, response) =>
      json(response, 200, { digests: [{ prefix: '', buckets: [digest] }] }),
    );
    expect(await smallClient(url).digests([''], never)).toEqual([{ prefix: '', buckets: [digest] }]);
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/small/shops/digests',
        body: '{"prefixes":[""]}',
        headers: { authorization: 'Bearer secret' },
      },
    ]);
  });

  test('waits 12 s for a source that adds up millions of resources, and not the 5 of other requests', async () => {
    const clock = virtualClock();
    let release = () => {};
    const { url, seen } = await httpServer((_, response) => {
      release = () => json(response, 200, { digests: [{ prefix: '', resources: [] }] });
    });
    const client = createSourceClient(smallAgreement, { url, clock });
    onTestFinished(() => client.close());
    const digests = client.digests([''], never);
    await until(() => seen.length === 1);
    await clock.advance(11_999);
    release();
    expect(await digests).toEqual([{ prefix: '', resources: [] }]);
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['another bucket', [{ prefix: 'cd', resources: [] }], 'asked for the buckets '],
    ['one too few', [], 'asked for the buckets '],
    ['itself as its child', [{ prefix: '', buckets: [{ ...digest, prefix: '' }] }], 'is no child of'],
    ['a grandchild', [{ prefix: '', buckets: [{ ...digest, prefix: 'abcd' }] }], 'is no child of'],
    ['a hash that is none', [{ prefix: '', buckets: [{ ...digest, hash: 'x' }] }], 'digests'],
  ])('a source that tells of %s breaks the agreement', async (_, digests, message) => {
    const { url } = await httpServer((__, response) => json(response, 200, { digests }));
    const refused = smallClient(url).digests([''], never);
    await expect(refused).rejects.toMatchObject({
      code: 'agreement-broken',
      message: expect.stringContaining(message),
    });
  });
});
