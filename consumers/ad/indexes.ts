import type { Indexes } from '../runtime/views/view-store.ts';

/** Values by which the ad server looks candidates up. In a file of its own: the SQS handler needs it, and nothing else of the service. */
export const adIndexes: Indexes = { category: 'category', openness: { path: 'openness', coarse: true }, cell: 'cell' };
