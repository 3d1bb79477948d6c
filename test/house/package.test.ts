import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { viewStoreCases } from '../../consumers/testing/view-store-cases.ts';
import { publicTypes } from '../support/public-types.ts';
import { root, textOf } from '../support/sources.ts';

const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
const execute = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, env, encoding: 'utf8' });

const AGREEMENT = `
import * as z from 'zod';
import { defineAgreement } from 'doorbell/agreement';

export const pressAgreement = defineAgreement({
  name: 'press', version: 1, wakesOn: ['shop.opened'], path: '/press/shops', resource: z.object({ name: z.string() }),
});
`;

/** A team's own service: an agreement, a consumer and the source API, from the installed package alone. */
const SERVICE = `
import { Hono } from 'hono';
import * as z from 'zod';
import { defineConsumer } from 'doorbell/define-consumer';
import type { Queue, ViewStore } from 'doorbell/ports';
import { sourceRoutes } from 'doorbell/source-routes';
import { openSqliteViewStore } from 'doorbell/sqlite-view-store';
import { startConsumer } from 'doorbell/start-consumer';
import { startWorker } from 'doorbell/worker';
import { pressAgreement } from './press.ts';

export const consumer = defineConsumer({
  agreement: pressAgreement,
  view: z.object({ headline: z.string() }),
  project: (shop) => ({ headline: shop.name.toUpperCase() }),
});
// @ts-expect-error the press has not agreed on a price
defineConsumer({ agreement: pressAgreement, view: z.object({ price: z.number() }), project: (shop) => ({ price: shop.price }) });

export const app = new Hono().route('/', sourceRoutes(pressAgreement, {
  read: async (ids) => ids.map((id) => ({ id, version: 1, state: { name: 'soup', secret: 'recipe' } })),
  readPage: async () => [],
  select: (state) => state,
  tokens: null,
  onFault: console.error,
}));
const answer = await app.request('/press/shops/a');
const store: ViewStore<{ headline: string }> = openSqliteViewStore<{ headline: string }>(':memory:');
const queue: Queue = {
  receive: (most, seconds, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  remove: async () => [],
  release: async () => [],
  bury: async () => [],
};
const running = await startConsumer({
  consumer,
  source: { look: async (wants) => wants.map(() => ({ kind: 'missing' as const })) },
  broker: { queue },
  store,
  onWritten: (rows) => rows.map(({ view }) => view?.headline),
  log: false,
});
// @ts-expect-error a view of the press has no price
const wrong = () => startConsumer({ consumer, source: { url: 'http://a' }, broker: { queue }, onWritten: (rows) => rows[0]?.view?.price });
console.log(await answer.text(), await running.stop(), typeof startWorker);
`;

/** A program that only looks, by the client that the runtime uses itself. */
const READER = `
import { serve } from '@hono/node-server';
import { createSourceClient } from 'doorbell/source-client';
import { SourceUnavailable } from 'doorbell/source-error';
import { systemClock } from 'doorbell/system';
import { undiciHttp } from 'doorbell/undici-http';
import { pressAgreement } from './press.ts';
import { app } from './service.ts';

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, async ({ port }) => {
  const client = createSourceClient(pressAgreement, { url: 'http://127.0.0.1:' + port, clock: systemClock });
  const signal = AbortSignal.timeout(10_000);
  const [one] = await client.look([{ id: 'a' }], signal);
  const several = await client.look([{ id: 'b' }, { id: 'c', minVersion: 9 }, { id: 'd', have: 1 }], signal);
  const names: string[] = several.flatMap((look) => (look.kind === 'found' ? [look.resource.name] : []));
  // @ts-expect-error the press has not agreed on a price
  if (one?.kind === 'found') one.resource.price;
  // @ts-expect-error nobody has a name before it is looked whether there is a shop
  one?.resource;
  const pooled = createSourceClient(pressAgreement, { url: 'http://127.0.0.1:' + port, clock: systemClock, http: undiciHttp });
  const [again] = await pooled.look([{ id: 'a' }], signal);
  await pooled.close();
  console.log(one?.kind, several.map(({ kind }) => kind).join(), names.join(), again?.kind);
  server.close();
  const away = await client.look([{ id: 'e' }], signal).catch((error) => error);
  console.log(away instanceof SourceUnavailable);
  await client.close();
});
`;

/** The example of the client in the documents. */
const [, EXAMPLE = ''] = /```ts\n(import \{ createSourceClient[\s\S]*?)```/.exec(textOf('docs/concepts.md')) ?? [];

/** The files of the guide, by the name in the first line of each block. */
const GUIDE = [...textOf('docs/library.md').matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)];

const TYPES = [
  ...['--module', 'nodenext', '--target', 'es2025', '--strict', '--skipLibCheck', 'false'],
  ...['--noEmit', '--allowImportingTsExtensions', '--types', 'node'],
];

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
    ])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const programs = { press: AGREEMENT, service: SERVICE, reader: READER, example: EXAMPLE };
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, `${name}.ts`), text);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds what is built, its licence and its README, and nothing else', () => {
    expect(packed.filter((path) => !path.startsWith('.build/')).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ]);
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
        'broker needs the package @aws-sdk/client-sqs; install it',
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
