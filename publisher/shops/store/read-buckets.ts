import { bucketReader } from '../../postgres/read-buckets.ts';

/** Reads the contents of these buckets of shops, in order; closed shops count. No prefix may occur twice. */
export const readBuckets = bucketReader({ table: 'shop', name: 'shops' });
