import { LRUCache } from 'lru-cache';

/**
 * Versions that are safe in the store, as far as they are remembered. What is stored may be newer, if another worker
 * wrote it, and never older: a ring up to here needs neither a look nor a read.
 */
export type KnownVersions = {
  /** 0 where nothing is remembered. */
  get: (id: string) => number;
  learn: (id: string, version: number) => void;
};

/** 100,000 resources: some 10 MB. */
const MOST = 100_000;

/** Makes a memory of so many versions that forgets what was not asked for in the longest time. */
export function createKnownVersions(most = MOST): KnownVersions {
  const versions = new LRUCache<string, number>({ max: most });
  return {
    get: (id) => versions.get(id) ?? 0,
    learn(id, version) {
      if (version > (versions.peek(id) ?? 0)) versions.set(id, version);
    },
  };
}
