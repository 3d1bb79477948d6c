import { createHash } from 'node:crypto';
import { type Zippable, zipSync } from 'fflate';

/** A bundle as Lambda takes it, named by its content. */
export type Archive = { bytes: Uint8Array; hash: string };

/** Local time, as zip files have it: the bytes are the same wherever and whenever they are made. */
const EPOCH = new Date(1980, 0, 2);
/** A file that everybody may read (0100644), for Unix: Lambda's own user is not who made it. */
const READABLE = { os: 3, attrs: 0o100644 << 16 } as const;

/** Zips files: the same files make the same bytes, in whatever order they come. */
export function zip(files: Record<string, Uint8Array>): Archive {
  const names = Object.keys(files).toSorted();
  const contents: Zippable = Object.fromEntries(
    names.map((name) => [name, [files[name] as Uint8Array, { mtime: EPOCH, level: 9, ...READABLE }]]),
  );
  const bytes = zipSync(contents);
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') };
}
