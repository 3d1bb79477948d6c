import { hash } from 'node:crypto';
import { type BucketAnswer, type Digest, LISTED_LIMIT, LONGEST_PREFIX, type ResourceVersion } from './source-api.ts';

/** 2: hex digits a level adds, so that a bucket has 256 children. */
const DIGITS = 2;

/**
 * Where a resource stands among the buckets: the first 8 hex digits of SHA-256 over its id. A bucket is named by the
 * first 0, 2, 4 or 6 of them; the bucket `''` holds all resources.
 */
export function bucketOf(id: string): string {
  return hash('sha256', id, 'hex').slice(0, LONGEST_PREFIX + DIGITS);
}

/**
 * What pairs of id and version add up to, whatever their order: how many they are, and the XOR of the first 64 bits
 * of SHA-256 over `id:version`. Closed resources count like living ones, with the version at which they closed.
 */
export type Tallies = {
  add: (bucket: string, pair: ResourceVersion) => void;
  /** The digests in order of their names; of empty buckets there are none. */
  digests: () => Digest[];
};

/** Adds up pairs by bucket. */
export function createTallies(): Tallies {
  const tallies = new Map<string, { count: number; bits: bigint }>();
  return {
    add(bucket, { id, version }) {
      const tally = tallies.get(bucket) ?? { count: 0, bits: 0n };
      tallies.set(bucket, tally);
      tally.count++;
      tally.bits ^= BigInt(`0x${hash('sha256', `${id}:${version}`, 'hex').slice(0, 16)}`);
    },
    digests: () =>
      [...tallies]
        .map(([prefix, { count, bits }]) => ({ prefix, count, hash: bits.toString(16).padStart(16, '0') }))
        .toSorted((a, b) => (a.prefix < b.prefix ? -1 : 1)),
  };
}

/** The child of a bucket in which something that stands at `bucket` is. */
export const childOf = (prefix: string, bucket: string): string => bucket.slice(0, prefix.length + DIGITS);

/** Tells whether the second bucket is one of the 256 children of the first. */
export function isChild(parent: string, prefix: string): boolean {
  return prefix.length === parent.length + DIGITS && prefix.startsWith(parent);
}

/** The bucket of which this one is a child. */
export const parentOf = (prefix: string): string => prefix.slice(0, -DIGITS);

/** Tells whether a bucket is listed resource by resource: it holds few, or its children would have no name. */
export function isListed(prefix: string, count: number): boolean {
  return count <= LISTED_LIMIT || prefix.length === LONGEST_PREFIX;
}

/** The names of buckets that are not the same on both sides, in order; a bucket that one side lacks is one. */
export function differingBuckets(ours: readonly Digest[], theirs: readonly Digest[]): string[] {
  const own = new Map(ours.map((digest) => [digest.prefix, digest]));
  const differing = theirs.filter(({ prefix, count, hash }) => {
    const digest = own.get(prefix);
    own.delete(prefix);
    return digest?.count !== count || digest.hash !== hash;
  });
  return [...differing.map(({ prefix }) => prefix), ...own.keys()].toSorted();
}

/** Answers for buckets from pages of all resources, each in one pass: for a source that can't ask its database for more. */
export async function bucketsByPages(
  prefixes: readonly string[],
  pages: AsyncIterable<readonly ResourceVersion[]>,
): Promise<BucketAnswer[]> {
  const inside = new Map(prefixes.map((prefix) => [prefix, [] as ResourceVersion[]]));
  const lengths = [...new Set(prefixes.map(({ length }) => length))];
  for await (const page of pages)
    for (const { id, version } of page) {
      const bucket = bucketOf(id);
      for (const length of lengths) inside.get(bucket.slice(0, length))?.push({ id, version });
    }
  return [...inside].map(([prefix, resources]) => answerFor(prefix, resources));
}

function answerFor(prefix: string, resources: ResourceVersion[]): BucketAnswer {
  if (isListed(prefix, resources.length)) return { prefix, resources };
  const tallies = createTallies();
  for (const pair of resources) tallies.add(childOf(prefix, bucketOf(pair.id)), pair);
  return { prefix, buckets: tallies.digests() };
}
