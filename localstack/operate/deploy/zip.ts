import { createHash } from 'node:crypto';
import { type Zippable, zipSync } from 'fflate';

/** A zip file as Lambda takes it, with the hash of its content. */
export type Archive = { bytes: Uint8Array; hash: string };

/** The time of every file. Zip files hold local time; a fixed one makes the same bytes at any place and time. */
const EPOCH = new Date(1980, 0, 2);
/** The mode of every file on Unix, 0100644: Lambda runs as another user and must be able to read it. */
const READABLE = { os: 3, attrs: 0o100644 << 16 } as const;

/** Zips files. The same files make the same bytes, in any order. */
export function zip(files: Record<string, Uint8Array>): Archive {
  const names = Object.keys(files).toSorted();
  const contents: Zippable = Object.fromEntries(
    names.map((name) => [name, [files[name] as Uint8Array, { mtime: EPOCH, level: 9, ...READABLE }]]),
  );
  const bytes = zipSync(contents);
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') };
}
