import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { anyPorts } from '../support/consumers.ts';
import { testImports } from '../support/dev-imports.ts';
import { printed, type Running, run } from '../support/dev-process.ts';
import { until } from '../support/wait.ts';

const SNAPSHOT_2021 = 'localstack/data/shops-2021-03.csv';
const SNAPSHOT_2024 = 'localstack/data/shops-2024-02.csv';

/** 13,781 commands and their rings, or 5,690 shops at the start, on a machine that may have other things to do. */
const SLOW = 120_000;

/** Counted here by other means than the import's own: the ids of a file, its repetitions aside. */
function idsOf(file: string): Set<string> {
  return new Set(
    readFileSync(file, 'utf8')
      .matchAll(/^(shop_[0-9a-f]{16}),/gm)
      .map(([, id = '']) => id),
  );
}

/** `npm start`, killed, started again, imported into and stopped: one story, told in order. */
describe('npm start', () => {
  const home = mkdtempSync(join(tmpdir(), 'doorbell-dev-'));
  chmodSync(home, 0o711);
  const environment = {
    DOORBELL_HOME: join(home, 'data'),
    DOORBELL_PUBLISHER_PORT: '0',
    ...anyPorts,
  };
  const start = (...args: string[]) => run('localstack/start/main.ts', args, environment);
  const doorbell = (...args: string[]) => run('localstack/operate/main.ts', args, environment).ended;
  let system: Running;

  const urlOf = (name: string) => new RegExp(`^  ${name} +(http\\S+)`, 'm').exec(system.output())?.[1] ?? '';
  const ready = () => printed(system, 'Ready in');

  beforeAll(async () => {
    system = start();
    await ready();
  }, SLOW);

  afterAll(async () => {
    system.child.kill('SIGINT');
    await system.ended;
    rmSync(home, { recursive: true, force: true });
  });

  /** The header line that `curl -H @file` sends, from the file that the printed command names. */
  function asPrinted(): Record<string, string> {
    const [, file = ''] = /-X PATCH \S+ -H @(\S+)/.exec(system.output()) ?? [];
    const [name = '', value = ''] = readFileSync(file, 'utf8').trimEnd().split(': ');
    return { [name]: value, 'content-type': 'application/json' };
  }

  async function setPrice(price: number): Promise<string> {
    const [, path = ''] = /-X PATCH (\S+)/.exec(system.output()) ?? [];
    const response = await fetch(path.replace(/^http:\/\/[^/]+/, urlOf('publisher')), {
      method: 'PATCH',
      headers: asPrinted(),
      body: JSON.stringify({ price }),
    });
    expect(response.status).toBe(200);
    return path;
  }

  test('registers the shops of 2021 and says where everything is', () => {
    const output = system.output();
    expect(output).toContain(`${idsOf(SNAPSHOT_2021).size.toLocaleString('en-US')} registered, 0 left out`);
    expect(output).toContain('every view as new as its shop');
    for (const name of ['publisher', 'display', 'ad']) expect(urlOf(name)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('the commands it offers work as they stand, and every ring is a line', async () => {
    const [, shop = ''] = /-X PATCH \S+\/shops\/(shop_\w+)/.exec(await ready()) ?? [];
    await setPrice(123_400);
    await until(async () => {
      const response = await fetch(`${urlOf('display')}/shops/${shop}`);
      return ((await response.json()) as { from: number }).from === 123_400;
    });
    const bytes = Buffer.byteLength(JSON.stringify({ id: shop, type: 'shop.menu-item-price-changed' }));
    const line = new RegExp(
      `shop\\.menu-item-price-changed  ${shop}  v2  ${bytes} B  display looked v2 \\d+ms · ad looked v2 \\d+ms`,
    );
    await printed(system, line);
  });

  test('a second one in the same folder is refused', async () => {
    const second = await start().ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('is in use: npm start already runs there');
  });

  test('verify finds every view equal to its source, also after events that let a consumer sleep', async () => {
    const [, path = ''] = /-X PATCH \S+(\/shops\/shop_\w+)/.exec(system.output()) ?? [];
    const put = (what: string, body: unknown) =>
      fetch(`${urlOf('publisher')}${what}`, {
        method: 'PUT',
        headers: asPrinted(),
        body: JSON.stringify(body),
      });
    expect((await put(`${path}/hours`, { hours: '24시간' })).status).toBe(200);
    expect((await put('/owners/kim', { name: 'Kim Min-ji', publicName: 'Min-ji' })).status).toBe(201);
    expect((await put(`${path}/owner`, { ownerId: 'kim' })).status).toBe(200);
    const { code, stdout } = await doorbell('verify', '--json');
    const reports = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(reports).toMatchObject(
      agreements.map(({ name }) => ({ consumer: name, equal: idsOf(SNAPSHOT_2021).size, different: 0 })),
    );
    expect(code).toBe(0);
    const audited = await doorbell('audit', '--consumer', 'display', '--json');
    expect(JSON.parse(audited.stdout)).toMatchObject({ clean: true, findings: [], sampled: 1_000 });
    expect(JSON.parse(audited.stdout).asleep).toBeGreaterThan(0);
    expect(audited.code).toBe(0);
  });

  test('killed in mid-work and started again, it goes on where it was', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => setPrice(200_000 + n)));
    system.child.kill('SIGKILL');
    await system.ended;
    system = start();
    expect(await ready()).toContain('still running after a killed process');
    const { code, stdout } = await doorbell('verify');
    expect(stdout).toMatch(/display +5,690 +5,690 +0 +0/);
    expect(code).toBe(0);
  });

  test(
    'the snapshot of 2024 is imported by commands, and the numbers are those of the files',
    async () => {
      const [before, after] = [idsOf(SNAPSHOT_2021), idsOf(SNAPSHOT_2024)];
      const { code, stdout, stderr } = await doorbell('import', SNAPSHOT_2024);
      expect([code, stderr]).toEqual([0, '']);
      const count = (value: number) => value.toLocaleString('en-US');
      expect(stdout).toContain('7,105 rows = 7,099 shops + 6 left out');
      expect(stdout.match(/left out: the same (id|row) as line \d+/g)).toHaveLength(6);
      const [opened, closed] = [after.difference(before).size, before.difference(after).size];
      expect(stdout).toContain(
        `${count(opened)} registered · ${count(after.intersection(before).size)} changed · ${count(closed)} closed · 0 failed`,
      );
      const verified = await doorbell('verify');
      const all = count(after.union(before).size);
      expect(verified.stdout).toMatch(new RegExp(`display +${all} +${all} +${count(closed)} +0 +0\\n`));
      expect(verified.stdout).toMatch(new RegExp(`ad +${all} +${all} +${count(closed)} +0 +0\\n`));
      expect(verified.code).toBe(0);
    },
    SLOW,
  );

  test(
    'dead letters are counted, shown, looked at again and deleted',
    async () => {
      expect((await doorbell('dlq', 'list')).stdout).toContain('No dead letters.');
      const { broker, consumers } = JSON.parse(readFileSync(join(home, 'data', 'run.json'), 'utf8'));
      const sqs = new SQSClient(broker);
      const body = '{"id":"shop_1","type":"shop.opened","price":9000}';
      await sqs.send(new SendMessageCommand({ QueueUrl: consumers.ad.queueUrl, MessageBody: body }));
      sqs.destroy();
      await printed(system, 'dead letter, malformed-notification');
      expect((await doorbell('dlq', 'list')).stdout).toMatch(/ad +malformed-notification +- +1 +0 /);
      const shown = JSON.parse((await doorbell('dlq', 'show', 'shop_1', '--json', '--consumer', 'ad')).stdout || '{}');
      expect(shown).toEqual({});
      const all = JSON.parse((await doorbell('dlq', 'show', '--json', '--consumer', 'ad')).stdout);
      expect(all).toMatchObject({ body, reason: 'malformed-notification', shopId: null });
      expect((await doorbell('dlq', 'show', all.messageId)).stdout).toContain('"price\\" has no place');
      expect(await doorbell('dlq', 'list', 'nope')).toMatchObject({ code: 2 });

      expect(await doorbell('dlq', 'show', 'nobody')).toMatchObject({ code: 4 });
      expect(await doorbell('dlq', 'redrive')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
      const before = system.output().length;
      expect((await doorbell('dlq', 'redrive', '--yes')).stdout).toContain('ad: 1 put back, by sending each');
      await printed(system, (output) => output.slice(before).includes('dead letter, malformed-notification'));
      expect((await doorbell('dlq', 'purge', '--yes', '--reason', 'malformed-notification')).stdout).toContain(
        'ad: 1 deleted',
      );
      expect((await doorbell('dlq', 'list', '--json')).stdout).toBe('');
      expect(await doorbell('dlq', 'list', '--consumer', 'nobody')).toMatchObject({ code: 2 });
    },
    SLOW,
  );

  testImports(home, doorbell);

  test('a port that is taken is a clear message', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await until(() => server.listening);
    const { port } = server.address() as { port: number };
    const other = mkdtempSync(join(tmpdir(), 'doorbell-port-'));
    chmodSync(other, 0o711);
    const taken = await run('localstack/start/main.ts', [], {
      ...environment,
      DOORBELL_HOME: other,
      DOORBELL_DISPLAY_PORT: String(port),
    }).ended;
    server.close();
    rmSync(other, { recursive: true, force: true });
    expect(taken.code).toBe(1);
    expect(taken.stderr).toContain(`Port ${port} is taken`);
    expect(taken.stderr).toContain('DOORBELL_DISPLAY_PORT');
  });

  test('a variable that is malformed is named', async () => {
    const { code, stderr } = await run('localstack/start/main.ts', [], { ...environment, DOORBELL_AD_PORT: '99999' })
      .ended;
    expect(code).toBe(1);
    expect(stderr).toContain('DOORBELL_AD_PORT');
  });

  test('Ctrl-C drains and exits 0', async () => {
    system.child.kill('SIGINT');
    const { code, stdout } = await system.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('Stopping');
    expect(stdout).toContain('rings published');
    expect(await doorbell('verify')).toMatchObject({ code: 5, stderr: expect.stringContaining('npm start') });
  });
});
