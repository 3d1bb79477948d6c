import type { Indexes } from '../runtime/views/view-store.ts';

/** Values that diners look storefronts up by. They have their own file because the SQS handler needs only them. */
export const displayIndexes: Indexes = {
  province: 'region.province',
  city: 'region.city',
  category: 'category',
  openness: { path: 'openness', coarse: true },
  words: { path: 'words', searched: true },
};
