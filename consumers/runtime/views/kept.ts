import * as z from 'zod/mini';

/** Reads a text that a store kept; null where nothing was kept, and where another release kept something else. */
export function readKept<Schema extends z.core.$ZodType>(schema: Schema, kept: string | null): z.output<Schema> | null {
  if (kept === null) return null;
  try {
    const read = z.safeParse(schema, JSON.parse(kept));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
