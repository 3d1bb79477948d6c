import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { type FunctionSource, functionSources, root } from './functions.ts';
import { plainHttp } from './plain-http.ts';

/**
 * A function that was built. `file` is its `index.mjs`, `bytes` its size, and `inputs` lists the source files in it.
 */
export type BuiltFunction = { name: string; file: string; bytes: number; inputs: string[] };

const OPTIONS: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  charset: 'utf8',
  sourcemap: true,
  // A stack trace needs names and lines only. The sources would make the upload three times as large.
  sourcesContent: false,
  // Unused code can be removed from ESM, but not from CommonJS.
  mainFields: ['module', 'main'],
  loader: { '.sql': 'text' },
  plugins: [plainHttp],
  alias: {
    '@aws-sdk/credential-provider-node': join(root, 'localstack/infrastructure/functions/environment-credentials.ts'),
  },
  // An optional, compiled part of pg, which pg loads only on request.
  external: ['pg-native'],
  logLevel: 'warning',
  metafile: true,
};

/** The text that esbuild writes for a `require` that it could not resolve. ESM has no `require`. */
const NEEDS_REQUIRE = 'Dynamic require of';
const REQUIRE = `import{createRequire as doorbellRequire}from'node:module';const require=doorbellRequire(import.meta.url);`;

/** Builds all functions, or the named ones, each into its own folder: `index.mjs` and its source map. */
export async function buildFunctions(outdir: string, names?: readonly string[]): Promise<BuiltFunction[]> {
  const wanted = functionSources().filter(({ name }) => names === undefined || names.includes(name));
  return Promise.all(wanted.map((source) => buildFunction(source, outdir)));
}

/** Builds one function into a folder of its name. `more` overrides options, for benchmarks. */
export async function buildFunction(
  { name, program }: FunctionSource,
  outdir: string,
  more: BuildOptions = {},
): Promise<BuiltFunction> {
  const file = join(outdir, name, 'index.mjs');
  rmSync(join(outdir, name), { recursive: true, force: true });
  const stdin = { contents: program, resolveDir: root, sourcefile: `${name}.ts`, loader: 'ts' } as const;
  const options = { ...OPTIONS, ...more, stdin, outfile: file };
  const tried = await build({ ...options, write: false });
  const isShort = tried.outputFiles.some(({ path, text }) => path === file && text.includes(NEEDS_REQUIRE));
  const { metafile } = await build({ ...options, metafile: true, ...(isShort && { banner: { js: REQUIRE } }) });
  return { name, file, ...sizeOf(metafile) };
}

function sizeOf({ outputs }: Metafile): { bytes: number; inputs: string[] } {
  const [bundle] = Object.entries(outputs).flatMap(([path, output]) => (path.endsWith('.mjs') ? [output] : []));
  const inputs = Object.entries(bundle?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  );
  return { bytes: bundle?.bytes ?? 0, inputs };
}
