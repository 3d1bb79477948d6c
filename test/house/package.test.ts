import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/sources.ts';

const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
const execute = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, env, encoding: 'utf8' });

/** A team's own service: an agreement, a consumer and the source API, from the installed package alone. */
const SERVICE = `
import { Hono } from 'hono';
import * as z from 'zod';
import { defineAgreement } from 'doorbell/agreement';
import { defineConsumer } from 'doorbell/define-consumer';
import { sourceRoutes } from 'doorbell/source-routes';
import { openSqliteViewStore } from 'doorbell/sqlite-view-store';
import { startWorker } from 'doorbell/worker';

const press = defineAgreement({
  name: 'press', version: 1, wakesOn: ['shop.opened'], path: '/press/shops', shop: z.object({ name: z.string() }),
});
export const consumer = defineConsumer({
  agreement: press,
  view: z.object({ headline: z.string() }),
  project: (shop) => ({ headline: shop.name.toUpperCase() }),
});
// @ts-expect-error the press has not agreed on a price
defineConsumer({ agreement: press, view: z.object({ price: z.number() }), project: (shop) => ({ price: shop.price }) });

const app = new Hono().route('/', sourceRoutes(press, {
  read: async (ids) => ids.map((id) => ({ id, version: 1, state: { name: 'soup', secret: 'recipe' } })),
  readPage: async () => [],
  select: (state) => state,
  tokens: null,
  onFault: console.error,
}));
const answer = await app.request('/press/shops/a');
console.log(await answer.text(), openSqliteViewStore(':memory:') !== undefined, typeof startWorker);
`;

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-package-'));
  const installed = join(folder, 'node_modules', 'doorbell');
  let packed: string[] = [];

  beforeAll(() => {
    const [{ filename, files }] = JSON.parse(
      execute('npm', ['pack', '--json', '--pack-destination', folder], root).replace(/^[^[]*/, ''),
    );
    packed = files.map(({ path }: { path: string }) => path);
    mkdirSync(installed, { recursive: true });
    execute('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', installed], folder);
    for (const name of ['hono', 'zod', 'undici', 'p-retry', 'lru-cache', 'is-network-error', '@types', 'undici-types'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'service.ts'), SERVICE);
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

  test('types a service that uses defineAgreement, defineConsumer and the source routes', () => {
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--strict',
      '--skipLibCheck',
      'false',
      '--noEmit',
      '--types',
      'node',
    ];
    expect(execute('tsc', [...options, 'service.ts'], folder)).toBe('');
  });

  test('runs it, and only the agreed fields leave', () => {
    expect(execute('node', ['service.ts'], folder).trim()).toBe(
      '{"id":"a","version":1,"shop":{"name":"soup"}} true function',
    );
  });

  test('pleases publint', () => {
    expect(execute('publint', ['--strict', installed], root)).toContain('All good!');
  });
});
