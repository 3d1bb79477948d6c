import { hash } from 'node:crypto';
import { type BucketAnswer, type Digest, LISTED_LIMIT, LONGEST_PREFIX, type ResourceVersion } from './source-api.ts';

/** 2 hex digits per level, so that a bucket has 256 children. */
const DIGITS = 2;

/**
 * Computes the position of a resource among the buckets: the first 8 hex digits of SHA-256 over its id. A bucket is
 * named by the first 0, 2, 4 or 6 of them; the bucket `''` holds all resources.
 */
export function bucketOf(id: string): string {
  return hash('sha256', id, 'hex').slice(0, LONGEST_PREFIX + DIGITS);
}

/**
 * Digests of pairs of id and version, whatever their order. A digest has the number of pairs and the XOR of the first
 * 64 bits of SHA-256 over `id:version`; an id may have colons of its own. Closed resources count too, with the version
 * at which they closed.
 */
export type Tallies = {
  add: (bucket: string, pair: ResourceVersion) => void;
  /** Returns the digests in order of their names; empty buckets have none. */
  digests: () => Digest[];
};

/** Makes tallies, which add up pairs by bucket. */
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

/** Names the child of the bucket `prefix` that contains the position `bucket`. */
export const childOf = (prefix: string, bucket: string): string => bucket.slice(0, prefix.length + DIGITS);

/** True if the second bucket is one of the 256 children of the first. */
export function isChild(parent: string, prefix: string): boolean {
  return prefix.length === parent.length + DIGITS && prefix.startsWith(parent);
}

/** Names the parent of a bucket. */
export const parentOf = (prefix: string): string => prefix.slice(0, -DIGITS);

/**
 * True if a bucket is listed resource by resource: it holds few resources, or its children's names would be too long.
 */
export function isListed(prefix: string, count: number): boolean {
  return count <= LISTED_LIMIT || prefix.length === LONGEST_PREFIX;
}

/** Lists the names of buckets that differ between both sides, in order; a bucket that one side lacks differs. */
export function differingBuckets(ours: readonly Digest[], theirs: readonly Digest[]): string[] {
  const own = new Map(ours.map((digest) => [digest.prefix, digest]));
  const differing = theirs.filter(({ prefix, count, hash }) => {
    const digest = own.get(prefix);
    own.delete(prefix);
    return digest?.count !== count || digest.hash !== hash;
  });
  return [...differing.map(({ prefix }) => prefix), ...own.keys()].toSorted();
}

/**
 * Answers for buckets from pages of all resources, each in one pass: for a source whose database can't search by
 * bucket.
 */
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
