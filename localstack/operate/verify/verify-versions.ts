import type { SourceClient } from '../../../consumers/runtime/source/client.ts';
import { type Drift, findDrift } from '../../../consumers/runtime/source/drift.ts';
import type { Clock } from '../../../consumers/runtime/system.ts';
import type { ResourceVersion } from '../../../contracts/wire/source-api.ts';
import { BATCH_LIMIT } from '../../../contracts/wire/source-api.ts';
import { chunksOf } from '../chunks.ts';
import type { ViewDifference } from './compare.ts';
import type { Report } from './verify-consumer.ts';

/** Source and views whose versions are compared. */
export type VersionsDeps = {
  source: Pick<SourceClient<unknown>, 'digests' | 'look'>;
  store: { scanVersions: (after: string, limit: number) => Promise<readonly ResourceVersion[]> };
  clock: Pick<Clock, 'sleep'>;
  /** Waits before versions that differ are compared again: a change may be on its way. */
  pause: () => Promise<void>;
  signal: AbortSignal;
};

/** Comparisons of versions that differ. After 5 the difference is not a change on its way any more. */
const TRIES = 5;
/** Versions in one read, as in `findDrift`. */
const PAGE = 5_000;

/**
 * Compares the versions of all views with their source, by digests. It needs no projection, so it suits consumers whose
 * code is elsewhere; but an older version may be right, where no event since wakes the consumer. Throws
 * SourceUnavailable or SourceRefused.
 */
export async function verifyVersions(deps: VersionsDeps): Promise<Report> {
  let drifts = await driftsOf(deps);
  for (let tries = 1; tries < TRIES && drifts.length > 0; tries++) {
    await deps.pause();
    const again = new Set(drifts.map(({ id }) => id));
    drifts = (await driftsOf(deps)).filter(({ id }) => again.has(id));
  }
  const shops = (await countViews(deps)) + drifts.filter(({ ours }) => ours === null).length;
  const different = drifts.length;
  const counts = { shops, equal: shops - different, tombstones: null, different, failed: 0 };
  return { compared: 'versions', ...counts, differences: drifts.map(toDifference), failures: [] };
}

/** Finds drift without resources that are gone and have no view any more: a tombstone is kept for a time only. */
async function driftsOf({ source, store, clock, signal }: VersionsDeps): Promise<Drift[]> {
  const drifts = await findDrift({ source, store, clock }, signal);
  const gone = new Set<string>();
  for (const some of chunksOf(
    drifts.filter(({ ours }) => ours === null),
    BATCH_LIMIT,
  )) {
    const looks = await source.look(
      some.map(({ id }) => ({ id })),
      signal,
    );
    for (const [n, { id }] of some.entries()) if (looks[n]?.kind === 'gone') gone.add(id);
  }
  return drifts.filter(({ id }) => !gone.has(id));
}

async function countViews({ store, signal }: VersionsDeps): Promise<number> {
  let views = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    signal.throwIfAborted();
    const page: readonly ResourceVersion[] = await store.scanVersions(after, PAGE);
    views += page.length;
    after = page.at(-1)?.id;
  }
  return views;
}

function toDifference({ id, ours, theirs }: Drift): ViewDifference {
  return { id, field: 'version', source: theirs ?? 'unknown', view: ours ?? 'missing' };
}
