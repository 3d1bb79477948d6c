import * as z from 'zod/mini';
import { ResourceId } from './resource.ts';

/** How many entries a page has: 1 to `most`; `otherwise` where nothing is said. */
export const pageLimit = (most: number, otherwise: number) =>
  z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(most)), otherwise);

/** Where the last page ended; an empty one begins at the beginning. */
export const AfterResource = z._default(z.union([ResourceId, z.literal('')]), '');
