import type { ResourceVersion } from '../../../contracts/wire/source-api.ts';

/** The method of a store that a stock is taken through. */
export type VersionPages = { scanVersions: (after: string, limit: number) => Promise<readonly ResourceVersion[]> };

/** A store that is counted, and of which a sample is drawn, while `findDrift` reads it for the first time. */
export type Stock = {
  store: VersionPages;
  /** The number of views; known after the first reading. */
  views: () => number;
  /** Ids of views drawn at random. All views have the same chance. */
  sample: () => string[];
};

/**
 * Wraps a store, so that no further reading of all versions is needed. The sample has at most `most` ids. The same seed
 * draws the same sample from the same views.
 */
export function takeStock(store: VersionPages, most: number, seed: number): Stock {
  const drawn: string[] = [];
  const random = randomOf(seed);
  let views = 0;
  let isCounted = false;

  /** Keeps or leaves a view: reservoir sampling (Vitter 1985, "Random Sampling with a Reservoir", algorithm R). */
  function draw(id: string): void {
    const place = views < most ? views : Math.floor(random() * (views + 1));
    views++;
    if (place < most) drawn[place] = id;
  }

  return {
    store: {
      async scanVersions(after, limit) {
        const page = await store.scanVersions(after, limit);
        if (!isCounted) for (const { id } of page) draw(id);
        if (page.length === 0) isCounted = true;
        return page;
      },
    },
    views: () => views,
    sample: () => [...drawn],
  };
}

/** Makes numbers from 0 to just below 1 that follow from a seed (mulberry32): for a choice, and for no secret. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
