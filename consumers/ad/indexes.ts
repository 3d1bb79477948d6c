import type { Indexes } from '../runtime/views/view-store.ts';

/**
 * Values that the ad server looks candidates up by. They have their own file because the SQS handler needs only them.
 */
export const adIndexes: Indexes = { category: 'category', openness: { path: 'openness', coarse: true }, cell: 'cell' };
