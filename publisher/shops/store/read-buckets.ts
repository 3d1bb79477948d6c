import { isListed, parentOf } from '../../../contracts/wire/digests.ts';
import type { BucketAnswer, Digest, ResourceVersion } from '../../../contracts/wire/source-api.ts';
import type { Database } from '../../postgres/database.ts';

/** Reads the contents of each of these buckets, in order; closed shops count. No prefix may occur twice. */
export async function readBuckets(database: Database, prefixes: readonly string[]): Promise<BucketAnswer[]> {
  const digests = [
    ...(prefixes.includes('') ? await readAllDigests(database) : []),
    ...(await readDigests(database, prefixes)),
  ];
  const byParent = Map.groupBy(digests, ({ prefix }) => parentOf(prefix));
  const digestsIn = (prefix: string) => byParent.get(prefix) ?? [];
  const countIn = (prefix: string) => digestsIn(prefix).reduce((sum, { count }) => sum + count, 0);
  const listed = prefixes.filter((prefix) => isListed(prefix, countIn(prefix)));
  const resources = Map.groupBy(await readVersions(database, listed), ({ prefix }) => prefix);
  return prefixes.map((prefix) =>
    listed.includes(prefix)
      ? { prefix, resources: (resources.get(prefix) ?? []).map(({ id, version }) => ({ id, version })) }
      : { prefix, buckets: digestsIn(prefix) },
  );
}

/**
 * Reads the children of the bucket `''`, as contracts/wire/digests.ts makes them. It has its own statement: reading all
 * rows in storage order and hashing groups takes 1.5 s over 1,000,000 shops, and by the index of buckets 2.5 to 6 s.
 */
async function readAllDigests(database: Database): Promise<Digest[]> {
  const { rows } = await database.query<Digest>(digestsOfAll);
  return rows;
}
const digestsOfAll = {
  name: 'digests-of-all',
  text: `
    select encode(substr(sha256(id::bytea), 1, 1), 'hex') as prefix, count(*)::int as count,
           lpad(to_hex(bit_xor(
             ('x' || left(encode(sha256((id || ':' || version)::bytea), 'hex'), 16))::bit(64)::bigint
           )), 16, '0') as hash
    from shop group by substr(sha256(id::bytea), 1, 1)
    order by 1`,
};

/** Reads the children of these buckets that are not empty; the bucket `''` is left out. */
async function readDigests(database: Database, prefixes: readonly string[]): Promise<Digest[]> {
  const named = prefixes.filter((prefix) => prefix !== '');
  if (named.length === 0) return [];
  const { rows } = await database.query<Digest>(digestsOfBuckets, [named]);
  return rows;
}
const digestsOfBuckets = {
  name: 'digests-of-buckets',
  text: `
    select encode(substr(sha256(id::bytea), 1, length(prefix) / 2 + 1), 'hex') as prefix, count(*)::int as count,
           lpad(to_hex(bit_xor(
             ('x' || left(encode(sha256((id || ':' || version)::bytea), 'hex'), 16))::bit(64)::bigint
           )), 16, '0') as hash
    from unnest($1::text[]) as prefix join shop
      on substr(sha256(id::bytea), 1, 4) between decode(prefix, 'hex') and decode(prefix, 'hex') || '\\xffffffff'
    group by substr(sha256(id::bytea), 1, length(prefix) / 2 + 1)
    order by 1`,
};

/** Reads the shops in these buckets in id order, each with its bucket. */
async function readVersions(
  database: Database,
  prefixes: readonly string[],
): Promise<(ResourceVersion & { prefix: string })[]> {
  if (prefixes.length === 0) return [];
  const { rows } = await database.query<ResourceVersion & { prefix: string }>(versionsInBuckets, [prefixes]);
  return rows;
}
const versionsInBuckets = {
  name: 'versions-in-buckets',
  text: `
    select prefix, id, version from unnest($1::text[]) as prefix join shop
      on substr(sha256(id::bytea), 1, 4) between decode(prefix, 'hex') and decode(prefix, 'hex') || '\\xffffffff'
    order by id`,
};
