import type { Indexes } from '../runtime/views/view-store.ts';

/** Values by which diners look storefronts up. In a file of its own: the SQS handler needs it, and nothing else of the service. */
export const displayIndexes: Indexes = {
  province: 'region.province',
  city: 'region.city',
  category: 'category',
  openness: { path: 'openness', coarse: true },
  words: { path: 'words', searched: true },
};
