import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { viewStoreCases } from '../../consumers/testing/view-store-cases.ts';
import { AGREEMENT, COMMON_JS, COMMON_TS, READER, ROOT, SERVICE } from '../support/package-programs.ts';
import { exportSizes, sizeRows } from '../support/package-sizes.ts';
import { publicTypes } from '../support/public-types.ts';
import { root, textOf } from '../support/sources.ts';

const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
const execute = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, env, encoding: 'utf8' });

/** The example of the client in the documents. */
const [, EXAMPLE = ''] = /```ts\n(import \{ createSourceClient[\s\S]*?)```/.exec(textOf('docs/concepts.md')) ?? [];

/** The files of the guide, by the name in the first line of each block. */
const GUIDE = [...textOf('docs/library.md').matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)];

/** A row of the table of exports in the guide. */
const SIZE_ROW = /^\| `(doorbell\S*)` +\| +(\d+) +\| +(\d+) +\| (.+?) +\| +([\d.]+) +\|$/gm;

/** Within 20 %; small sizes are rounded by up to 1. */
const isNear = (told: number, size: number) => Math.abs(told - size) <= Math.max(1, size / 5);

/** The files that a document links to. */
const linksOf = (from: string) =>
  [...textOf(from).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target = '']) => ({
    from,
    to: join(dirname(from), target).replace(/\/$/, ''),
  }));

const CHECKED = [
  ...['--target', 'es2025', '--strict', '--skipLibCheck', 'false'],
  ...['--noEmit', '--allowImportingTsExtensions', '--types', 'node'],
];
const TYPES = [...CHECKED, '--module', 'nodenext'];
const BUNDLER = [...CHECKED, '--module', 'esnext', '--moduleResolution', 'bundler'];

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-package-'));
  const installed = join(folder, 'node_modules', 'doorbell');
  let packed: string[] = [];
  let tarball = '';

  beforeAll(() => {
    const [{ filename, files }] = JSON.parse(
      execute('npm', ['pack', '--json', '--pack-destination', folder], root).replace(/^[^[]*/, ''),
    );
    tarball = join(folder, filename);
    packed = files.map(({ path }: { path: string }) => path);
    mkdirSync(installed, { recursive: true });
    execute('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], folder);
    for (const name of [
      'hono',
      'zod',
      'undici',
      'p-retry',
      'lru-cache',
      'is-network-error',
      'prom-client',
      'tdigest',
      'bintrees',
      '@opentelemetry',
      '@types',
      'undici-types',
      '@hono',
      'commander',
      'pg',
      ...['-cloudflare', '-connection-string', '-int8', '-pool', '-protocol', '-types'].map((part) => `pg${part}`),
      'pgpass',
      'split2',
      ...['array', 'bytea', 'date', 'interval'].map((part) => `postgres-${part}`),
      'xtend',
      'uuid',
    ])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const programs = { press: AGREEMENT, service: SERVICE, reader: READER, example: EXAMPLE, root: ROOT };
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, `${name}.ts`), text);
    writeFileSync(join(folder, 'common.cjs'), COMMON_JS);
    writeFileSync(join(folder, 'common.cts'), COMMON_TS);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds what is built, its licence and the documents, and nothing else', () => {
    const others = packed.filter((path) => !path.startsWith('.build/') && !/^docs\/.*\.md$/.test(path));
    expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']);
    expect(packed).toContain('docs/library.md');
    expect(packed.some((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toBe(false);
  });

  test('types a service with an agreement, a consumer, the source routes and the client, and the example of the documents', () => {
    expect(EXAMPLE).toContain('client.look(');
    expect(execute('tsc', [...TYPES, 'reader.ts', 'example.ts'], folder)).toBe('');
  });

  test('runs it, and only the agreed fields leave', () => {
    expect(execute('node', ['service.ts'], folder).trim()).toBe(
      '{"id":"a","version":1,"resource":{"name":"soup"}} true function',
    );
  });

  test('gives five names at its root, as a module, by require and in a bundle', () => {
    const names = 'true createOutbox,defineAgreement,defineConsumer,sourceRoutes,startConsumer';
    expect(execute('tsc', [...TYPES, 'root.ts', 'common.cts'], folder)).toBe('');
    expect(execute('tsc', [...BUNDLER, 'root.ts', 'reader.ts'], folder)).toBe('');
    expect(execute('node', ['root.ts'], folder).trim()).toBe(names);
    expect(execute('node', ['common.cjs'], folder).trim()).toBe('function 4 function');
    const bundled = [
      '--bundle',
      '--platform=node',
      '--external:pg-native',
      '--external:@aws-sdk/*',
      '--log-level=warning',
    ];
    execute('esbuild', ['root.ts', ...bundled, '--format=cjs', '--outfile=root-bundle.cjs'], folder);
    expect(execute('node', ['root-bundle.cjs'], folder).trim()).toBe(names);
  });

  test('runs doorbell by its bin, and says what the relay lacks', () => {
    expect(execute('node', [join(installed, '.build/localstack/operate/bin.js'), 'outbox', 'sql'], folder)).toContain(
      'create schema if not exists doorbell',
    );
    const place = {
      DATABASE_URL: 'postgres://a@127.0.0.1/a',
      DOORBELL_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:a',
    };
    const options = { cwd: folder, env: { ...env, ...place }, encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync(
      'node',
      [join(installed, '.build/localstack/operate/bin.js'), 'relay'],
      options,
    );
    expect([status, stderr.trim()]).toEqual([
      1,
      '✖ the relay needs a package that is not installed: npm install @aws-sdk/client-sns',
    ]);
  });

  test('has no document with a broken link', () => {
    const has = (path: string) => packed.some((each) => each === path || each.startsWith(`${path}/`));
    const links = packed.flatMap((path) => (path.endsWith('.md') ? linksOf(path) : []));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ to }) => !has(to)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test('is as large as the guide says, export by export', () => {
    const measured = exportSizes(installed, join(root, 'node_modules'));
    const told = [...textOf('docs/library.md').matchAll(SIZE_ROW)].map(
      ([, name, files, kilobytes, needs, megabytes]) => ({
        name,
        needs: needs === 'nothing' ? [] : needs?.replaceAll('*', '').split(', '),
        sizes: [Number(files), Number(kilobytes), Number(megabytes)],
      }),
    );
    const anew = `docs/library.md should say:\n${sizeRows(measured).join('\n')}`;
    expect(
      told.map(({ name, needs }) => ({ name, needs })),
      anew,
    ).toEqual(measured.map(({ name, needs }) => ({ name, needs })));
    const wrong = measured.filter(({ files, kilobytes, megabytes }, index) =>
      [files, kilobytes, megabytes].some((size, at) => !isNear(told[index]?.sizes[at] ?? 0, size)),
    );
    expect(
      wrong.map(({ name }) => name),
      anew,
    ).toEqual([]);
  });

  test('has source maps that hold the sources', () => {
    const built = packed.filter((path) => path.endsWith('.js'));
    expect(built.filter((path) => !packed.includes(`${path}.map`))).toEqual([]);
    const map = join(installed, '.build/publisher/outbox/outbox.js.map');
    expect(JSON.parse(readFileSync(map, 'utf8')).sourcesContent).toEqual([textOf('publisher/outbox/outbox.ts')]);
  });

  test('looks at one shop and at several by the client alone', () => {
    const [, found, isAway] = execute('node', ['reader.ts'], folder).trim().split('\n');
    expect(found).toBe('found found,behind,unchanged soup found');
    expect(isAway).toBe('true');
  });

  describe('as the guide shows it', () => {
    const guide = join(folder, 'guide');

    beforeAll(() => {
      mkdirSync(guide);
      for (const [, name = '', text = ''] of GUIDE) writeFileSync(join(guide, name), text);
    });

    test('has the types that the guide needs', () => {
      expect(GUIDE.map(([, name]) => name)).toContain('main.ts');
      expect(execute('tsc', [...TYPES, ...GUIDE.map(([, name = '']) => name)], guide)).toBe('');
    });

    test('passes the tests of the guide', () => {
      const said = execute('node', ['--test', '--test-reporter', 'tap', 'consumer.test.ts', 'store.test.ts'], guide);
      expect(said).toContain(`# pass ${1 + viewStoreCases.length}`);
      expect(said).toContain('# fail 0');
    });

    test.each([
      [{}, 'source.url is missing; it must be the URL of the source API, such as https://shops.example'],
      // No client of AWS is installed here.
      [
        { SOURCE_URL: 'http://a', QUEUE_URL: 'http://a/q', DEAD_LETTER_QUEUE_URL: 'http://a/d' },
        'broker needs a package that is not installed: npm install @aws-sdk/client-sqs',
      ],
    ])('given %o says what it misses, and starts nothing', (environment, sentence) => {
      const options = { cwd: guide, env: { ...env, ...environment }, encoding: 'utf8' } as const;
      const { status, stderr } = spawnSync('node', ['main.ts'], options);
      expect([status, /TypeError: .*/.exec(stderr)?.[0]]).toEqual([1, `TypeError: startConsumer: ${sentence}`]);
    });
  });

  test('pleases publint', () => {
    expect(execute('publint', ['--strict', installed], root)).toContain('All good!');
  });

  test('shows its types to whoever imports it as a module, by attw', () => {
    // esm-only: there is no CommonJS in it, and no resolution as Node 10 had it.
    const said = JSON.parse(execute('attw', [tarball, '--profile', 'esm-only', '--format', 'json'], root));
    expect(Object.keys(said.analysis.entrypoints)).toEqual(Object.keys(JSON.parse(textOf('package.json')).exports));
  });

  test('declares the types that it declared before', async () => {
    // What was meant to change is written anew: npx vitest run --config test/vitest.config.ts test/house/package -u
    await expect(publicTypes(installed)).toMatchFileSnapshot('public-types.txt');
  });
});
