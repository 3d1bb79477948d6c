import * as z from 'zod/mini';

/** Identifies a resource: 1 to 64 of `A-Z a-z 0-9 _ -`, so that it can stand in a path, a filter and a log as it is. */
export const ResourceId = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 _ -'));

/** The number of changes of a resource so far: 1 at first, one more with every change, never restarting. */
export const Version = z.int().check(z.minimum(1));
