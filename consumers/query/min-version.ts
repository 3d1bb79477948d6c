import type { MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';
import { ProblemError } from '../../contracts/wire/problem.ts';
import { problemResponse } from '../../contracts/wire/problem-response.ts';
import { ResourceId, Version } from '../../contracts/wire/resource.ts';
import { MIN_VERSION } from '../../contracts/wire/source-api.ts';
import type { Clock } from '../runtime/system.ts';
import type { ViewStore } from '../runtime/views/view-store.ts';

/** A version that a reader needs of a view, as a command has answered it. */
export type Needed = { id: string; version: number };

/** Waits until views have the versions that a reader needs. */
export type VersionWait = {
  /** Resolves with a view that is still older when the time is over, with its version; null where all are there. */
  wait: (needed: readonly Needed[], signal: AbortSignal) => Promise<Needed | null>;
};

/** Dependencies of waiting. */
export type VersionWaitDeps = {
  store: Pick<ViewStore<unknown>, 'versions'>;
  /** Looks at resources as after a ring; missing where no worker runs beside the queries. */
  look?: (needed: readonly Needed[], signal: AbortSignal) => Promise<unknown>;
  clock: Clock;
};

/** 2 s: a ring takes a tenth of a second, and a reader that waits longer had better ask again. */
const MOST_WAIT = 2_000;
/** 100 ms in which the ring usually comes; then the source is asked. */
const RING_TIME = 100;
/** Milliseconds between two reads of the store: more each time. */
const PAUSE = { first: 10, most: 200 };
/** 1 s and 10,000 resources: a reader that asks for a version that never comes costs the source one call a second. */
const LOOKED = { ttl: 1_000, max: 10_000 };
/** 100 resources in one header, as in a batch. */
const MOST_NEEDED = 100;

/** Makes the wait. The store is read again and again, since another process may write the view. */
export function createVersionWait({ store, look, clock }: VersionWaitDeps): VersionWait {
  const looked = new LRUCache<string, true>({ ...LOOKED, ttlResolution: 0, perf: { now: clock.now } });

  function lookOnce(behind: readonly Needed[], signal: AbortSignal): void {
    const unasked = behind.filter(({ id }) => !looked.has(id));
    if (look === undefined || unasked.length === 0) return;
    for (const { id } of unasked) looked.set(id, true);
    void look(unasked, signal).catch(() => undefined);
  }

  return {
    async wait(needed, signal) {
      const began = clock.now();
      for (let pause = PAUSE.first; ; pause = Math.min(PAUSE.most, pause * 2)) {
        const versions = await store.versions(needed.map(({ id }) => id));
        const behind = needed.filter(({ id, version }) => (versions.get(id) ?? 0) < version);
        const [first] = behind;
        if (first === undefined) return null;
        const waited = clock.now() - began;
        if (waited >= MOST_WAIT || signal.aborted) return { id: first.id, version: versions.get(first.id) ?? 0 };
        if (waited >= RING_TIME) lookOnce(behind, signal);
        await clock.sleep(pause, signal);
      }
    },
  };
}

/**
 * Reads `Min-Version`, so that a client can read what it has written. A number is about the resource whose id ends the
 * path: `Min-Version: 19`. A list needs ids: `Min-Version: shop_1=19, shop_2=3`, at most 100. The answer is `503`,
 * `behind` and `Retry-After` if a view is older after two seconds.
 */
export function minVersion(versionWait: VersionWait): MiddlewareHandler {
  return async (c, next) => {
    const header = c.req.header(MIN_VERSION);
    if (header === undefined) return next();
    const needed = neededOf(header, c.req.path);
    if (needed === null) return problemResponse(malformed(), c);
    const behind = await versionWait.wait(needed, c.req.raw.signal);
    if (behind === null) return next();
    const { id, version } = behind;
    c.header('retry-after', '1');
    return problemResponse(
      new ProblemError('behind', `The view of ${id} is not there yet. Ask again.`, { version }),
      c,
    );
  };
}

const malformed = () =>
  new ProblemError(
    'invalid-request',
    'Min-Version takes a version for the resource at the end of the path, or ids with versions: shop_1=19, shop_2=3.',
  );

const WHOLE = /^\s*\d+\s*$/;

/** Reads the header; null where it has another form. */
function neededOf(header: string, path: string): Needed[] | null {
  const [, root = '', ...others] = path.split('/');
  const last = others.at(-1);
  if (WHOLE.test(header)) return root !== '' && last !== undefined ? oneNeeded(decoded(last), header) : null;
  const parts = header.split(',').map((part) => part.split('='));
  if (parts.length > MOST_NEEDED) return null;
  const needed = parts.map(([id = '', version = '', ...rest]) =>
    rest.length > 0 ? null : oneNeeded(id.trim(), version),
  );
  return needed.every((each) => each !== null) ? needed.flat() : null;
}

function oneNeeded(id: string, version: string): Needed[] | null {
  // Number would read 1e3 and 0x10, too.
  const [known, number] = [ResourceId.safeParse(id), Version.safeParse(WHOLE.test(version) ? Number(version) : null)];
  return known.success && number.success ? [{ id: known.data, version: number.data }] : null;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
