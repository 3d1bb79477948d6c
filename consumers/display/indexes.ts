import type { Indexes } from '../runtime/views/view-store.ts';

/** What diners look storefronts up by. In a file of its own: the SQS handler needs it, and nothing else of the service. */
export const displayIndexes: Indexes = {
  province: 'region.province',
  city: 'region.city',
  category: 'category',
  openness: { path: 'openness', coarse: true },
  words: { path: 'words', searched: true },
};
