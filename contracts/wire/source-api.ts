import * as z from 'zod/mini';
import type { Agreement } from './agreement.ts';
import { AfterResource, pageLimit } from './paging.ts';
import { ResourceId, Version } from './resource.ts';

/** 100 resources in one batch call and on one page. */
export const BATCH_LIMIT = 100;

/**
 * Request header: answer only if the resource has at least this version, else `503` with `Retry-After`. A source that
 * reads from a replica asks its primary when such a resource is asked for again.
 */
export const MIN_VERSION = 'min-version';

/** A request for one resource. `have` is the version that the consumer has: `304` if that is the newest. */
export const Want = z.strictObject({ id: ResourceId, minVersion: z.optional(Version), have: z.optional(Version) });
export type Want = z.output<typeof Want>;

/** Body of `POST {path}/batch`. */
export const BatchRequest = z.strictObject({
  resources: z.array(Want).check(z.minLength(1), z.maxLength(BATCH_LIMIT)),
});

/** Names the field that the source can't show, and what the agreement expects there; never a value. */
const Fault = z.string().check(z.maxLength(500));

const answerWith = <Resource extends z.core.$ZodType>(resource: Resource) =>
  z.discriminatedUnion('status', [
    z.object({ status: z.literal(200), id: ResourceId, version: Version, resource }),
    z.object({ status: z.literal(304), id: ResourceId, version: Version }),
    z.object({ status: z.literal(404), id: ResourceId }),
    z.object({ status: z.literal(410), id: ResourceId, version: Version }),
    z.object({ status: z.literal(500), id: ResourceId, fault: z.optional(Fault) }),
    z.object({ status: z.literal(503), id: ResourceId, version: z.int().check(z.minimum(0)) }),
  ]);

/**
 * Answer of a source about one resource; in a batch each resource has its own.
 * - 200: the resource.
 * - 304: the consumer has the newest version.
 * - 404: the source does not know the resource.
 * - 410: closed, at this version.
 * - 500: the source can't show this resource, by its own fault; `fault` names the field where it is known.
 * - 503: this replica is behind, at this version; at 0 if it does not know the resource.
 */
export const SourceAnswer = answerWith(z.unknown());
export type SourceAnswer = z.output<typeof SourceAnswer>;

/** Body of the answer to `GET {path}/{id}`. */
export const SingleAnswer = z.object({ id: ResourceId, version: Version, resource: z.unknown() });

/**
 * Body of `GET {path}?after=&limit=`: resources in id order, closed ones too; `next` is `null` at the end. Ids are
 * ordered by their bytes: `collate "C"` in PostgreSQL, `<` in JavaScript. In another order, such as one of a language, a
 * page after `next` can leave resources out, or show the same ones without end.
 */
export const SourcePage = z.object({ resources: z.array(SourceAnswer), next: z.nullable(ResourceId) });
export type SourcePage = z.output<typeof SourcePage>;

/**
 * 6 digits in the longest bucket name: with 16.7 million buckets, a billion resources leave fewer than a hundred in
 * each.
 */
export const LONGEST_PREFIX = 6;
/**
 * 1,000: a bucket with at most as many resources is listed id by id, in some 40 KB for ids of 16 characters; a larger one
 * is answered by its 256 children.
 */
export const LISTED_LIMIT = 1_000;
/**
 * 32 buckets in one call: the answer then stays below the 6 MB that a Lambda function may answer with, even if every id
 * has 128 characters.
 */
export const PREFIXES_LIMIT = 32;

/**
 * Name of a bucket of resources: the first 0, 2, 4 or 6 hex digits of their position (`bucketOf` in
 * contracts/wire/digests.ts).
 */
export const BucketPrefix = z
  .string()
  .check(z.regex(/^([0-9a-f]{2})*$/, 'an even number of hex digits'), z.maxLength(LONGEST_PREFIX));

/** Body of `POST {path}/digests`: names of buckets, none of them twice. `['']` is the first question. */
export const DigestRequest = z.strictObject({
  prefixes: z.array(BucketPrefix).check(
    z.minLength(1),
    z.maxLength(PREFIXES_LIMIT),
    z.refine((prefixes) => new Set(prefixes).size === prefixes.length, { error: 'must not name a bucket twice' }),
  ),
});

/**
 * Summary of a bucket: the number of its resources, closed ones too, and the XOR of their hashes, 16 hex digits
 * (contracts/wire/digests.ts).
 */
export const Digest = z.object({
  prefix: BucketPrefix,
  count: z.int().check(z.minimum(0)),
  hash: z.string().check(z.regex(/^[0-9a-f]{16}$/, '16 hex digits')),
});
export type Digest = z.output<typeof Digest>;

/** A resource's id and version only. */
export const ResourceVersion = z.object({ id: ResourceId, version: Version });
export type ResourceVersion = z.output<typeof ResourceVersion>;

/** Contents of a bucket: the digests of its children that are not empty, or its resources where they are few. */
export const BucketAnswer = z.union([
  z.object({ prefix: BucketPrefix, buckets: z.array(Digest) }),
  z.object({ prefix: BucketPrefix, resources: z.array(ResourceVersion) }),
]);
export type BucketAnswer = z.output<typeof BucketAnswer>;

/** Body of the answer to `POST {path}/digests`: a bucket for each prefix, in order. */
export const DigestAnswer = z.object({ digests: z.array(BucketAnswer) });
export type DigestAnswer = z.output<typeof DigestAnswer>;
/** Query of `GET {path}`. */
export const SourcePageQuery = z.object({ after: AfterResource, limit: pageLimit(BATCH_LIMIT, BATCH_LIMIT) });

/** Makes the schemas of a source API's bodies with the fields of an agreement, for documents and tests. */
export function sourceBodies({ resource }: Pick<Agreement, 'resource'>) {
  const answer = answerWith(resource);
  return {
    answer,
    single: z.extend(SingleAnswer, { resource }),
    batch: z.object({ resources: z.array(answer) }),
    page: z.object({ resources: z.array(answer), next: z.nullable(ResourceId) }),
  };
}

/**
 * Makes the entity tag of a resource under an agreement. It is never a hash, so that `304` costs one version and no
 * body.
 */
export function entityTag(agreement: { name: string; version: number }, version: number): string {
  return `"${agreement.name}.${agreement.version}.${version}"`;
}
