import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codeParameter } from '../../infrastructure/template/functions/resources.ts';
import { type Artifacts, upload } from './bucket.ts';
import type { Values } from './parameters.ts';
import { type Archive, zip } from './zip.ts';

/** Builds functions, each into its own folder below `outdir`. `file` is its `index.mjs`. */
export type BuildFunctions = (
  outdir: string,
  names?: readonly string[],
) => Promise<readonly { name: string; file: string }[]>;

/** The code of a function, named by its content. */
export type Bundle = { name: string; key: string; archive: Archive };

/** Builds and zips these functions. */
export async function bundlesOf(build: BuildFunctions, folder: string, names: readonly string[]): Promise<Bundle[]> {
  const built = await build(folder, names);
  return built.map(({ name, file }) => {
    const archive = zip({ 'index.mjs': readFileSync(file), 'index.mjs.map': readFileSync(`${file}.map`) });
    return { name, key: `functions/${name}/${archive.hash}.zip`, archive };
  });
}

/** The folder that `npm run build:lambda` builds into. */
export const BUNDLES = fileURLToPath(new URL('../../../.build/lambda', import.meta.url));

/** Returns the template parameters for the bucket and the keys of the code. */
export function codeValues(bucket: string, bundles: readonly Pick<Bundle, 'name' | 'key'>[]): Values {
  if (bundles.length === 0) return {};
  const keys = bundles.map(({ name, key }) => [codeParameter(name), key]);
  return { CodeBucket: bucket, ...Object.fromEntries(keys) };
}

/** Uploads the bundles that the bucket lacks. Returns their number. */
export async function uploadBundles(artifacts: Artifacts, bundles: readonly Bundle[]): Promise<number> {
  const sent = await Promise.all(bundles.map(({ key, archive }) => upload(artifacts, key, archive.bytes)));
  return sent.filter(Boolean).length;
}
