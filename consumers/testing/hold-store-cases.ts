import { deepEqual, equal } from 'node:assert/strict';
import type { HoldStore } from '../runtime/views/hold-store.ts';

/** Opens the hold of one empty store, each time as another worker would. All share the store. */
export type OpenHold = () => Promise<HoldStore>;

/** A case of the suite. `run` rejects with an AssertionError where the case does not hold. */
export type HoldCase = { name: string; run: (open: OpenHold) => Promise<void> };

/** Cases that the hold of every store must pass. */
export const holdStoreCases: readonly HoldCase[] = [
  {
    name: 'is nothing at first, and then the newest text, for each worker',
    async run(open) {
      const [first, second] = [await open(), await open()];
      equal(await second.read(), null);
      await first.keep('one');
      equal(await second.read(), 'one');
      await second.keep('두 번째 "2"');
      deepEqual([await first.read(), await (await open()).read()], ['두 번째 "2"', '두 번째 "2"']);
      await first.keep('three');
      equal(await second.read(), 'three');
    },
  },
  {
    name: 'of workers that keep at once is what one of them kept',
    async run(open) {
      const workers = await Promise.all(Array.from({ length: 3 }, open));
      await Promise.all(workers.map((worker, n) => worker.keep(`of ${n}`)));
      const kept = await Promise.all(workers.map((worker) => worker.read()));
      deepEqual(new Set(kept).size, 1);
      equal(/^of [012]$/.test(kept[0] ?? ''), true);
    },
  },
];
