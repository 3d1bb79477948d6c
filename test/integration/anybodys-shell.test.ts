import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { postmasterOf } from '../../localstack/start/postgres/postmaster.ts';
import { anyPorts } from '../support/consumers.ts';
import { printed, type Running, run } from '../support/dev-process.ts';
import { hostileShell, temporaryFolder } from '../support/hostile-shell.ts';
import { setup } from '../support/postgres-setup.ts';
import { aShop } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

const SLOW = 120_000;

/** A folder for `npm start` in which the first import is done already: without shops a start takes a second. */
function place(more: Record<string, string> = {}) {
  const folder = temporaryFolder();
  chmodSync(folder, 0o711);
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o711 });
  writeFileSync(join(home, 'seeded'), 'done');
  const ports = { DOORBELL_PUBLISHER_PORT: '0', ...anyPorts };
  const environment = { DOORBELL_HOME: home, ...ports, ...more };
  const data = join(home, 'pg');
  const start = () => {
    const system = run('localstack/start/main.ts', [], environment);
    onTestFinished(async () => {
      system.child.kill('SIGTERM');
      await system.ended;
      expect(postmasterOf(data), 'PostgreSQL was left behind').toBeNull();
    });
    return system;
  };
  const doorbell = (...args: string[]) => run('localstack/operate/main.ts', args, environment).ended;
  return { home, data, start, doorbell };
}

/** Kills the server as the kernel does when memory is short. */
function killPostgres(data: string): number {
  const pid = postmasterOf(data) ?? 0;
  expect(pid).toBeGreaterThan(0);
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** Where a system runs, and how an operator speaks to it. */
function told(home: string) {
  const { publisherUrl, consumers } = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8'));
  const [name = '', value = ''] = readFileSync(join(home, 'operator'), 'utf8').trimEnd().split(': ');
  const headers = { [name]: value, 'content-type': 'application/json' };
  return { publisherUrl, displayUrl: consumers.display.url, headers };
}

/** Registers a shop, and sees it in a view. */
async function seesShop(home: string, id: string): Promise<void> {
  const { publisherUrl, displayUrl, headers } = told(home);
  const body = JSON.stringify({ ...aShop, id });
  expect((await fetch(`${publisherUrl}/shops`, { method: 'POST', headers, body })).status).toBe(201);
  await until(async () => (await fetch(`${displayUrl}/shops/${id}`)).ok);
}

/** Waits until a system has printed a text so often, all in all. */
const printedTimes = (system: Running, text: string, times: number) =>
  printed(system, (output) => output.split(text).length - 1 === times);

describe('in a shell that says everything that PostgreSQL, AWS and their clients can hear', () => {
  test('the names are found in what is installed', () => {
    const shell = hostileShell('true');
    expect(Object.keys(shell)).toEqual(
      expect.arrayContaining([
        ...['PGSSLMODE', 'PGOPTIONS', 'PGSERVICE', 'PGDATA', 'PGBINARY', 'NODE_PG_FORCE_NATIVE', 'LC_MESSAGES'],
        ...['AWS_USE_FIPS_ENDPOINT', 'AWS_ENDPOINT_URL_SQS', 'AWS_PROFILE', 'AWS_RETRY_MODE', 'FAUXQS_HOST'],
      ]),
    );
    expect(Object.keys(shell).length).toBeGreaterThan(100);
    expect(readFileSync(shell.AWS_CONFIG_FILE ?? '', 'utf8')).toMatch(/^use_fips_endpoint = true$/m);
  });

  test.each(['true', 'nonsense'])(
    'each of them being %s, npm start runs, and so do its commands',
    async (value) => {
      const { home, start, doorbell } = place({ ...hostileShell(value), DOORBELL_BROKER: 'embedded' });
      const system = start();
      await printed(system, 'Ready in');
      await seesShop(home, 'a');
      const verified = await doorbell('verify');
      expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/display +1 +1 +0 +0/)]);
      expect(await doorbell('dlq', 'list')).toMatchObject({ code: 0, stdout: 'No dead letters.\n' });
      expect(await doorbell('replay', '--dry-run')).toMatchObject({ code: 0 });
      const file = 'localstack/data/shops-2024-02.csv';
      expect(await doorbell('import', file, '--dry-run', '--yes')).toMatchObject({ code: 0 });
      system.child.kill('SIGINT');
      expect(await system.ended).toMatchObject({ code: 0 });
    },
    SLOW,
  );

  test(
    'the tests run, too',
    async () => {
      const environment = {
        ...hostileShell('true'),
        DATABASE_URL: 'postgres://127.0.0.1:9/none',
        DOORBELL_HOME: '/none',
      };
      const file = 'test/integration/anybodys-database.test.ts';
      const vitest = 'node_modules/vitest/vitest.mjs';
      const { code, stdout, stderr } = await run(
        vitest,
        ['run', '--config', 'test/vitest.config.ts', file],
        environment,
      ).ended;
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toMatch(/Tests +1 passed/);
    },
    SLOW,
  );
});

describe('PostgreSQL that is killed under npm start', () => {
  test(
    'is started again, where it was; if it is killed again and again, the process ends in true words',
    async () => {
      const { home, data, start } = place();
      const system = start();
      await printed(system, 'Ready in');
      const { publisherUrl, headers } = told(home);
      const put = (owner: string) =>
        fetch(`${publisherUrl}/owners/${owner}`, { method: 'PUT', headers, body: '{"name":"Kim","publicName":"K"}' });
      expect((await put('before')).status).toBe(201);

      for (const round of [1, 2]) {
        killPostgres(data);
        await printedTimes(system, `PostgreSQL in ${data} runs again`, round);
        await until(async () => (await put(`after-${round}`)).ok);
      }
      killPostgres(data);
      const { code, stderr } = await system.ended;
      expect(code).toBe(1);
      expect(stderr).toContain(`✖ PostgreSQL in ${data} ended 3 times within a minute. It is not started again.`);
      expect(stderr).not.toMatch(/end its process/);
    },
    SLOW,
  );

  test('does not hinder Ctrl-C, which names no process that is gone', async () => {
    const { data, start } = place();
    const system = start();
    await printed(system, 'Ready in');
    const pid = killPostgres(data);
    system.child.kill('SIGINT');
    const { code, stdout, stderr } = await system.ended;
    expect([code, stdout]).toEqual([0, expect.stringContaining('Stopping')]);
    expect(stderr).not.toContain(String(pid));
  });

  test('is started again after a whole kill, though its number is now somebody else’s', async () => {
    const { data, start } = place();
    const first = start();
    await printed(first, 'Ready in');
    killPostgres(data);
    first.child.kill('SIGKILL');
    await first.ended;
    await until(() => postmasterOf(data) === null);
    const file = join(data, 'postmaster.pid');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(process.pid)));
    const second = start();
    await printed(second, 'Ready in');
    second.child.kill('SIGINT');
    expect(await second.ended).toMatchObject({ code: 0 });
  });
});

test('the embedded broker is started again where it was, with what it kept', async () => {
  const crash = join(temporaryFolder(), 'crash.mjs');
  writeFileSync(crash, "process.on('worker', (w) => process.once('SIGUSR2', () => void w.terminate()));");
  const { home, start, doorbell } = place({ NODE_OPTIONS: `--import ${crash}` });
  const system = start();
  await printed(system, 'Ready in');
  for (const round of [1, 2]) {
    system.child.kill('SIGUSR2');
    await printedTimes(system, 'The embedded broker runs again', round);
    await seesShop(home, `shop-${round}`);
  }
  expect(await doorbell('dlq', 'list')).toMatchObject({ code: 0 });
  system.child.kill('SIGUSR2');
  const { code, stderr } = await system.ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining('✖ The embedded broker ended 3 times within a minute')]);
});

describe('a setup that fails after PostgreSQL was started leaves nothing running', () => {
  test('of npm start, whose broker finds a file in its way', async () => {
    const { home, data, start } = place();
    writeFileSync(join(home, 'broker'), 'no folder');
    const { code, stderr } = await start().ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('broker')]);
    expect(existsSync(join(data, 'PG_VERSION'))).toBe(true);
    expect(postmasterOf(data)).toBeNull();
  });

  test('of npm start, whose port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await until(() => server.listening);
    const { port } = server.address() as { port: number };
    const { data, start } = place({ DOORBELL_PUBLISHER_PORT: String(port) });
    const { code } = await start().ended;
    server.close();
    expect([code, existsSync(join(data, 'PG_VERSION')), postmasterOf(data)]).toEqual([1, true, null]);
  });

  test('of the tests, which could not make their databases', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o711);
    const before = process.env.TMPDIR;
    process.env.TMPDIR = folder;
    let found: string[] = [];
    const provide = () => {
      found = readdirSync(folder);
      throw new Error('staged');
    };
    try {
      await expect(setup({ provide })).rejects.toThrow('staged');
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
    expect(found).toEqual([expect.stringMatching(/^doorbell-test-/)]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
