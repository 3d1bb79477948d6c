import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { inShell, playDockerfile, readDockerfile, type Stage, withOurPackages } from '../support/dockerfile.ts';
import { production } from '../support/production.ts';
import { aShop, asOperator } from '../support/publisher.ts';
import { root, textOf } from '../support/sources.ts';
import { until } from '../support/wait.ts';

const FILE = join(root, 'localstack/infrastructure/images/Dockerfile');

/** `npm run test:real` installs as the Dockerfile says; here the packages are those of the project. */
const run = process.env.DOORBELL_TEST_IMAGES === 'installed' ? inShell : withOurPackages;

/** 6 MB: what is beside the base is code, its source maps and the migrations; 2.4 and 4.5 MB as this is written. */
const MOST = 6_000_000;

describe('the images', () => {
  const secret = join(root, 'localstack/infrastructure/images/.env.test-of-images');
  let stages: Record<string, Stage>;
  let remove = () => {};
  const stage = (name: string) => stages[name] ?? expect.fail(`no stage ${name}`);
  const filesOf = ({ root }: Stage) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .map((name) => join(root, name))
      .filter((path) => statSync(path).isFile());
  const program = (name: string, file: string) => join(stage(name).root, 'app', file);

  beforeAll(() => {
    writeFileSync(secret, 'PASSWORD=planted');
    ({ stages, remove } = playDockerfile(FILE, run));
  }, 600_000);

  afterAll(() => {
    remove();
    execFileSync('rm', ['-f', secret]);
  });

  test('are small, and hold nothing but the programs, their maps and the migrations', () => {
    for (const name of ['publisher', 'consumer']) {
      const files = filesOf(stage(name));
      const strange = files.filter((file) => !/\/app\/[\w-]+\.mjs(\.map)?$|\/app\/sql\/\d{4}-[\w-]+\.sql$/.test(file));
      expect(strange, name).toEqual([]);
      expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(MOST);
      expect(existsSync(program(name, 'main.mjs'))).toBe(true);
    }
  });

  test('get nothing that is not asked for into their build: no secret, no history, no data', () => {
    const built = filesOf({ ...stage('build'), root: join(stage('build').root, 'build', 'localstack') });
    expect(built.length).toBeGreaterThan(50);
    expect(built.filter((file) => /\.env|\.csv$|\.md$/.test(file))).toEqual([]);
    expect(readdirSync(join(stage('build').root, 'build')).toSorted()).toEqual(
      [
        '.build',
        '.npmrc',
        'consumers',
        'contracts',
        'localstack',
        'node_modules',
        'package-lock.json',
        'package.json',
      ].concat(['publisher', 'views']),
    );
  });

  test('run as nobody, start node itself so that signals arrive, and ask for health without a shell', () => {
    for (const name of ['publisher', 'consumer']) {
      expect(stage(name).user).toBe('65532:65532');
      expect(stage(name).cmd).toEqual(['main.mjs']);
      expect(stage(name).healthcheck.slice(0, 2)).toEqual(['/nodejs/bin/node', 'health.mjs']);
    }
    const views = statSync(join(stage('consumer').root, 'var/lib/doorbell'));
    expect(views.mode & 0o777).toBe(0o700);
    const secrets = readDockerfile(FILE).filter(({ text }) => /(TOKEN|PASSWORD|SECRET|DATABASE_)/i.test(text));
    expect(secrets).toEqual([]);
  });

  test('say what they miss, and migrate alone', () => {
    for (const [name, missing] of [
      ['publisher', 'DATABASE_URL: missing; '],
      ['consumer', 'DOORBELL_CONSUMER: missing; '],
    ] as const) {
      const { status, stderr } = start(name, 'main.mjs');
      expect([status, stderr.split('\n').length > 3]).toEqual([1, true]);
      expect(stderr).toContain(missing);
    }
    expect(start('publisher', 'migrate.mjs').stderr).toMatch(/^DATABASE_ADMIN_URL: missing; .*\n$/);
  });

  function start(name: string, file: string) {
    const env = { PATH: process.env.PATH, ...stage(name).env };
    return spawnSync(process.execPath, [program(name, file)], { encoding: 'utf8', env, cwd: stage(name).root });
  }

  test('serve: a shop that is registered is seen by the consumer, and both stop at SIGTERM', async () => {
    const programs = { publisher: program('publisher', 'main.mjs'), consumer: program('consumer', 'main.mjs') };
    const { databaseAdminUrl, startPublisher, startConsumer } = await production({ programs });
    // A step of its own before the release: the publisher's own user may not migrate, and need not.
    const owner = { ...stage('publisher').env, DATABASE_ADMIN_URL: databaseAdminUrl };
    const migrated = spawnSync(process.execPath, [program('publisher', 'migrate.mjs')], {
      encoding: 'utf8',
      env: owner,
    });
    expect(migrated).toMatchObject({ status: 0, stdout: '{"kind":"migrated","applied":[]}\n' });
    const publisher = await startPublisher({ ...stage('publisher').env, DATABASE_ADMIN_URL: '' });
    const display = await startConsumer('display', publisher.url, stage('consumer').env);
    const registered = await fetch(`${publisher.url}/shops`, {
      method: 'POST',
      headers: { ...asOperator, 'content-type': 'application/json' },
      body: JSON.stringify({ ...aShop, id: 'a' }),
    });
    expect(registered.status).toBe(201);
    await until(async () => (await fetch(`${display.url}/shops/a`)).status === 200);

    for (const [name, { url }] of [
      ['publisher', publisher],
      ['consumer', display],
    ] as const) {
      const { status } = health(name, new URL(url).port);
      expect(status, name).toBe(0);
    }
    for (const { child } of [display, publisher]) child.kill('SIGTERM');
    const [consumed, published] = await Promise.all([display.ended, publisher.ended]);
    expect([consumed.code, consumed.stderr, published.code, published.stderr]).toEqual([0, '', 0, '']);
    expect(health('publisher', new URL(publisher.url).port).status).toBe(1);
  });

  function health(name: string, port: string) {
    const [, , , variable = ''] = stage(name).healthcheck;
    return spawnSync(process.execPath, [program(name, 'health.mjs'), '1', variable], { env: { [variable]: port } });
  }

  test('are those that the compose file builds, one for each consumer, and confined', () => {
    const { services } = parse(textOf('localstack/infrastructure/docker-compose.yml'), { merge: true });
    for (const [name, target] of [
      ['publisher', 'publisher'],
      ...agreements.map(({ name }) => [name, 'consumer'] as const),
    ] as const) {
      expect(services[name]).toMatchObject({ profiles: ['images'], read_only: true, cap_drop: ['ALL'] });
      expect(services[name].build).toEqual({
        context: '../..',
        dockerfile: 'localstack/infrastructure/images/Dockerfile',
        target,
      });
    }
  });
});
