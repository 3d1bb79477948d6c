import { deepEqual, equal } from 'node:assert/strict';
import type { ProgressStore } from '../runtime/views/progress-store.ts';

/** Opens the progress of one empty store, each time as another worker would. All share the store. */
export type OpenProgress = () => Promise<ProgressStore>;

/** A case of the suite. `run` rejects with an AssertionError where the case does not hold. */
export type ProgressCase = { name: string; run: (open: OpenProgress) => Promise<void> };

/** 10 minutes: longer than a case takes. */
const LONG = 600_000;

/** What the progress of every store must do. */
export const progressStoreCases: readonly ProgressCase[] = [
  {
    name: 'keeps a text, which the next worker reads',
    async run(open) {
      const [first, second] = [await open(), await open()];
      deepEqual(await first.lease('a', LONG), { kept: null });
      equal(await first.keep('a', LONG, 'one'), true);
      equal(await first.keep('a', LONG, '두 번째 "2"'), true);
      await first.release('a');
      deepEqual(await second.lease('b', LONG), { kept: '두 번째 "2"' });
    },
  },
  {
    name: 'is held by one worker at a time, until it gives up or its time is over',
    async run(open) {
      const [first, second] = [await open(), await open()];
      await first.lease('a', LONG);
      equal(await second.lease('b', LONG), null);
      equal(await second.keep('b', LONG, 'mine'), false);
      deepEqual(await first.lease('a', 0), { kept: null });
      deepEqual(await second.lease('b', LONG), { kept: null });
      equal(await first.lease('a', LONG), null);
    },
  },
  {
    name: 'keeps nothing of a worker that has lost it',
    async run(open) {
      const [first, second] = [await open(), await open()];
      await first.lease('a', 0);
      await second.lease('b', LONG);
      equal(await second.keep('b', LONG, 'of b'), true);
      equal(await first.keep('a', LONG, 'of a'), false);
      await first.release('a');
      equal(await first.lease('a', LONG), null);
      await second.release('b');
      deepEqual(await first.lease('a', LONG), { kept: 'of b' });
    },
  },
  {
    name: 'is read without the lease',
    async run(open) {
      const [first, second] = [await open(), await open()];
      equal(await second.read(), null);
      await first.lease('a', LONG);
      equal(await second.read(), null);
      await first.keep('a', LONG, 'far');
      equal(await second.read(), 'far');
      equal(await first.keep('a', LONG, 'farther'), true);
    },
  },
  {
    name: 'of workers that take it at once lets one have it',
    async run(open) {
      const workers = await Promise.all(Array.from({ length: 5 }, open));
      const leases = await Promise.all(workers.map((worker, n) => worker.lease(`w${n}`, LONG)));
      equal(leases.filter((lease) => lease !== null).length, 1);
    },
  },
];
