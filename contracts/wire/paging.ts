import * as z from 'zod/mini';
import { ResourceId } from './resource.ts';

/** Number of entries of a page: 1 to `most`; `otherwise` where none is given. */
export const pageLimit = (most: number, otherwise: number) =>
  z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(most)), otherwise);

/** End of the last page; an empty one begins at the start. */
export const AfterResource = z._default(z.union([ResourceId, z.literal('')]), '');
