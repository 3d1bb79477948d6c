import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Parser } from '@asyncapi/parser';

/** `node test/contract/validate.ts`: the committed documents by Redocly's rules and AsyncAPI's own parser; exits 1 for any complaint. */
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = join(here, '..', '..', 'docs', 'api');
const files = readdirSync(folder).map((name) => join(folder, name));

function lintOpenApi(paths: string[]): boolean {
  const program = join(here, 'node_modules', '.bin', 'redocly');
  const config = ['--config', join(here, 'redocly.yaml')];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  return paths.length > 0 && spawnSync(program, ['lint', ...config, ...paths], { stdio: 'inherit', env }).status === 0;
}

async function parseAsyncApi(path: string): Promise<boolean> {
  const { document, diagnostics } = await new Parser().parse(readFileSync(path, 'utf8'));
  for (const { message, path: place } of diagnostics) process.stderr.write(`${path} ${place.join('/')}: ${message}\n`);
  return document !== undefined && diagnostics.length === 0;
}

const openApi = lintOpenApi(files.filter((file) => file.endsWith('.openapi.json')));
const asyncApi = await Promise.all(files.filter((file) => file.endsWith('.asyncapi.json')).map(parseAsyncApi));
process.stdout.write(
  `OpenAPI: ${openApi ? 'valid' : 'invalid'} · AsyncAPI: ${asyncApi.join() === 'true' ? 'valid' : 'invalid'}\n`,
);
if (!openApi || asyncApi.join() !== 'true') process.exitCode = 1;
