import * as z from 'zod/mini';
import { ResourceId } from './resource.ts';

/** Makes the schema of a page's size: 1 to `most`, by default `otherwise`. */
export const pageLimit = (most: number, otherwise: number) =>
  z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(most)), otherwise);

/** Makes the schema of the id at which the previous page ended; an empty text starts at the beginning. */
export const afterId = <Id extends z.core.$ZodType<string>>(id: Id) => z._default(z.union([id, z.literal('')]), '');

/** Id of the resource at which the previous page ended. */
export const AfterResource = afterId(ResourceId);
