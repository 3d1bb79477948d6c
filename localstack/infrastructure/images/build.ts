import { cpSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { count, terminal } from '../../terminal.ts';

/** The folder of the project. `npm run build:images -- [publisher|consumer]` builds into `.build/images/<image>`. */
const root = fileURLToPath(new URL('../../..', import.meta.url));

const HEALTH = 'localstack/infrastructure/images/health.ts';

/** The programs of each image, by their name in the image, and the folders that they read. */
const images: Record<string, { programs: Record<string, string>; folders: Record<string, string> }> = {
  publisher: {
    programs: { main: 'publisher/main.ts', migrate: 'publisher/migrate.ts', health: HEALTH },
    folders: { sql: 'publisher/shops/store/sql' },
  },
  consumer: { programs: { main: 'consumers/main.ts', health: HEALTH }, folders: {} },
};

/** Defines `require`, which ESM lacks: pg and the SDK are CommonJS. */
const REQUIRE = `import{createRequire as doorbellRequire}from'node:module';const require=doorbellRequire(import.meta.url);`;

async function buildImage(image: string): Promise<void> {
  const { programs, folders } = images[image] ?? { programs: {}, folders: {} };
  const outdir = join(root, '.build/images', image);
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: programs,
    outdir,
    outExtension: { '.js': '.mjs' },
    // Shared code is written once, and DynamoDB's client is loaded only by consumers with a table. Everything is in one
    // folder, because the store looks for its SQL files beside itself.
    splitting: true,
    chunkNames: '[name]-[hash]',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    // A stack trace needs names and lines only.
    sourcesContent: false,
    // An optional, compiled part of pg.
    external: ['pg-native'],
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
  for (const [name, folder] of Object.entries(folders))
    cpSync(join(root, folder), join(outdir, name), { recursive: true });
  for (const name of Object.keys(programs)) report(join('.build/images', image, `${name}.mjs`));
}

const report = (file: string) =>
  terminal.line(`${file}  ${count(Math.round(statSync(join(root, file)).size / 1_000))} KB`);

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => images[name] === undefined);
if (unknown !== undefined) {
  terminal.error(`error: there is no image ${unknown}; choose from ${Object.keys(images).join(', ')}`);
  process.exit(2);
}
for (const image of wanted.length > 0 ? wanted : Object.keys(images)) await buildImage(image);
