import { bucketOf, childOf, createTallies, differingBuckets } from '../../../contracts/wire/digests.ts';
import {
  type BucketAnswer,
  type Digest,
  PREFIXES_LIMIT,
  type ResourceVersion,
} from '../../../contracts/wire/source-api.ts';
import type { Clock } from '../system.ts';
import type { SourceClient } from './client.ts';

/** A resource with different versions in view and source; null where a side doesn't know it. */
export type Drift = { id: string; ours: number | null; theirs: number | null };

/** Dependencies of finding drift. */
export type DriftDeps = {
  /**
   * Reads versions in pages, those of resources that are gone too. A page begins after an id, the last one of the page
   * before. The order may be by id or any other that stays the same. A store without `scanVersions` can use its `scan`.
   */
  store: { scanVersions: (after: string, limit: number) => Promise<readonly ResourceVersion[]> };
  source: Pick<SourceClient<unknown>, 'digests'>;
  clock: Pick<Clock, 'sleep'>;
};

/**
 * Finds the resources whose versions differ between a store of views and its source, in id order. It compares digests:
 * two or three calls while few resources differ, whatever the number of resources. The store is read once for each
 * level of buckets. Some differences are no faults: views being updated, resources whose last event is of a type that
 * the consumer does not subscribe to, and resources that are gone and whose tombstone has expired. A look at such a
 * resource costs one call and does no harm. Throws SourceUnavailable or SourceRefused.
 */
export async function findDrift(deps: DriftDeps, signal: AbortSignal): Promise<Drift[]> {
  const drifts: Drift[] = [];
  for (let open = ['']; open.length > 0; ) {
    const theirs = await ask(deps.source, open, signal);
    const ours = await takeStock(deps, theirs, signal);
    drifts.push(...differingResources(ours.resources, resourcesOf(theirs)));
    open = differingBuckets(ours.digests, digestsOf(theirs));
  }
  return drifts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Lists the resources that are not at the same version on both sides. Pure. */
export function differingResources(ours: readonly ResourceVersion[], theirs: readonly ResourceVersion[]): Drift[] {
  const own = new Map(ours.map(({ id, version }) => [id, version]));
  const known = new Set(theirs.map(({ id }) => id));
  const extra = ours.filter(({ id }) => !known.has(id)).map(({ id, version }) => ({ id, ours: version, theirs: null }));
  const differing = theirs
    .filter(({ id, version }) => own.get(id) !== version)
    .map(({ id, version }) => ({ id, ours: own.get(id) ?? null, theirs: version }));
  return [...differing, ...extra];
}

async function ask(source: DriftDeps['source'], prefixes: readonly string[], signal: AbortSignal) {
  const answers: BucketAnswer[] = [];
  for (let n = 0; n < prefixes.length; n += PREFIXES_LIMIT)
    answers.push(...(await source.digests(prefixes.slice(n, n + PREFIXES_LIMIT), signal)));
  return answers;
}

const resourcesOf = (answers: readonly BucketAnswer[]): ResourceVersion[] =>
  answers.flatMap((answer) => ('resources' in answer ? answer.resources : []));

const digestsOf = (answers: readonly BucketAnswer[]): Digest[] =>
  answers.flatMap((answer) => ('buckets' in answer ? answer.buckets : []));

/**
 * Reads our side of the source's answer: resources of listed buckets, and digests of the children of divided buckets.
 */
async function takeStock({ store, clock }: DriftDeps, theirs: readonly BucketAnswer[], signal: AbortSignal) {
  const answers = new Map(theirs.map((answer) => [answer.prefix, answer]));
  // All buckets of one round are on the same level.
  const digits = theirs[0]?.prefix.length ?? 0;
  const resources: ResourceVersion[] = [];
  const tallies = createTallies();
  for await (const { id, version } of versionsOf(store, clock, signal)) {
    const bucket = bucketOf(id);
    const answer = answers.get(bucket.slice(0, digits));
    if (answer === undefined) continue;
    if ('resources' in answer) resources.push({ id, version });
    else tallies.add(childOf(answer.prefix, bucket), { id, version });
  }
  return { resources, digests: tallies.digests() };
}

/** 5,000 rows: 5 ms of hashing, after which other work gets its turn; a store in SQLite never waits by itself. */
const PAGE = 5_000;

async function* versionsOf(store: DriftDeps['store'], clock: DriftDeps['clock'], signal: AbortSignal) {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: readonly ResourceVersion[] = await store.scanVersions(after, PAGE);
    yield* page;
    after = page.at(-1)?.id;
    await clock.sleep(0, signal);
    signal.throwIfAborted();
  }
}
