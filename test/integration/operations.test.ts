import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import { eventTypes } from '../../contracts/shops/event-types.ts';
import { openPool } from '../../publisher/postgres/database.ts';
import { anyPorts } from '../support/consumers.ts';
import { printed, type Running, run } from '../support/dev-process.ts';
import { until } from '../support/wait.ts';

const SHOPS = 5_690;

/** They are registered at the start, on a machine that may have other things to do. */
const SLOW = 120_000;

/** What an operator does with a running system that has 5,690 real shops. */
describe('an operator', () => {
  const home = mkdtempSync(join(tmpdir(), 'doorbell-operations-'));
  chmodSync(home, 0o711);
  const environment = {
    DOORBELL_HOME: join(home, 'data'),
    DOORBELL_PUBLISHER_PORT: '0',
    ...anyPorts,
  };
  const start = (...args: string[]) => run('localstack/operate/main.ts', args, environment);
  const doorbell = (...args: string[]) => start(...args).ended;
  const json = async (...args: string[]) => {
    const { stdout } = await doorbell(...args, '--json');
    return stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };
  let system: Running;
  /** How many lines of rings that rang again a consumer has. */
  const againAt = (name: string, output = system.output()) =>
    output.match(new RegExp(`v1  \\d+ B  ${name} skipped, has v1, replay\\n`, 'g'))?.length ?? 0;

  beforeAll(async () => {
    system = run('localstack/start/main.ts', [], environment);
    await printed(system, 'Ready in');
  }, SLOW);

  afterAll(async () => {
    system.child.kill('SIGINT');
    await system.ended;
    rmSync(home, { recursive: true, force: true });
  });

  test('asks the doctor, who finds nothing; what he could not check counts only if it should', async () => {
    const { code, stdout, stderr } = await doorbell('doctor');
    expect([code, stderr]).toEqual([0, '']);
    // Three of the topic and the relay, and two of each consumer.
    const notChecked = 3 + 2 * consumerNames.length;
    expect(stdout).toMatch(RegExp(`^✔ \\d\\d checks passed, 0 errors, 0 warnings, ${notChecked} not checked$`, 'm'));
    expect((await doorbell('doctor', '--strict')).code).toBe(3);
    const findings = await json('doctor');
    expect(findings.at(-1)).toMatchObject({ schemaVersion: 1, kind: 'sum', errors: 0, warnings: 0, notChecked });
  });

  test('asks how far the views are behind', async () => {
    const lags = await json('lag');
    expect(lags.map(({ consumer, state, behind }) => ({ consumer, state, changes: behind.changes }))).toEqual(
      consumerNames.map((consumer) => ({ consumer, state: 'live', changes: 0 })),
    );
    const { code, stdout } = await doorbell('lag');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^CONSUMER .*WITHIN 60 S/)]);
    expect(stdout).toMatch(/^display +live +0 +0\.0 s /m);
  });

  test('asks the doctor where nobody answers', async () => {
    const ended = await doorbell('doctor', '--endpoint-url', 'http://127.0.0.1:1');
    expect(ended).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('--endpoint-url') });
    expect((await doorbell('doctor', '--stage', 'Prod')).code).toBe(2);
    expect((await doorbell('--home', join(home, 'none'), 'doctor')).code).toBe(5);
  });

  test('counts what a replay would ring, and rings nothing', async () => {
    const counted = await json('replay', '--dry-run');
    expect(counted).toEqual([{ schemaVersion: 1, type: 'shop.registered', events: SHOPS, rings: SHOPS }]);
    const { code, stdout } = await doorbell('replay', '--dry-run', '--types', 'shop.closed');
    expect([code, stdout]).toEqual([0, 'Nothing to ring.\nNothing was rung (--dry-run).\n']);
    expect(await json('replay', '--list')).toEqual([]);
  });

  test('rings again at one consumer, and the other hears nothing', async () => {
    const { code, stdout, stderr } = await doorbell('replay', '--consumer', 'ad', '--rate', '10000');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Replay 1: 5,690 rings at the queue of ad, 0 refused; done after \d+\.\ds\n$/);
    await printed(system, (output) => againAt('ad', output) === SHOPS);
    expect(againAt('display')).toBe(0);
  });

  test('stops a replay and goes on with the command that it was given; everybody hears it', async () => {
    const first = start('replay', '--rate', '100');
    await until(async () => (await json('replay', '--list')).some(({ id, rung }) => Number(id) === 2 && rung > 0));
    const twice = await doorbell('replay', '--resume', '2');
    expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining('is being rung by another process') });
    first.child.kill('SIGINT');
    const { code, stderr } = await first.ended;
    expect(code).toBe(130);
    const [, id = ''] = /To go on: npm run doorbell -- replay --resume (\d+)\n/.exec(stderr) ?? [];
    const [stopped] = await json('replay', '--list');
    expect(stopped).toMatchObject({ id: Number(id), state: 'stopped' });
    expect(stopped.rung).toBeLessThan(SHOPS);
    const done = await doorbell('replay', '--resume', id, '--rate', '10000');
    expect(done.stdout).toContain(`Replay ${id}: 5,690 rings at the topic, 0 refused; done after`);
    await printed(system, (output) => againAt('display', output) === SHOPS);
    expect((await doorbell('replay', '--resume', id)).stdout).toContain('5,690 rings at the topic, 0 refused; done at');
  });

  test.each([
    [['--types', 'shop.sold'], 2, eventTypes.join(', ')],
    [['--types', ','], 2, eventTypes.join(', ')],
    [['--consumer', 'nobody'], 2, `The consumers are ${consumerNames.join(', ')}.`],
    [['--consumer', 'ad', '--types', 'shop.hours-changed'], 2, 'shop.hours-changed does not wake ad. Choose from'],
    [['--since', 'yesterday'], 2, '2026-11-24T10:15:00Z'],
    [['--since', '2026-01-02T00:00:00Z', '--until', '2026-01-02T00:00:00Z'], 2, '--since must be earlier'],
    [['--shops', '../a'], 2, 'A-Z a-z 0-9 _ -'],
    [['--shops', 'shop_002aeef17eec8eac,nobody'], 4, 'There is no shop nobody.'],
    [['--rate', '0'], 2, 'from 1 to 10000'],
    [['--resume', '99'], 4, 'npm run doorbell -- replay --list'],
    [['--resume', '1', '--consumer', 'ad'], 2, 'only --rate and --json'],
  ])('who asks for a replay %j is told what there is', async (args, code, text) => {
    const ended = await doorbell('replay', ...args);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(text) });
  });

  test('finds that rows and snapshots are what the events say, and mends a row that is not', async () => {
    expect(await json('rebuild', '--check')).toEqual([
      { schemaVersion: 1, kind: 'sum', events: SHOPS, shops: SHOPS, snapshots: 0, differences: 0, mended: 0, left: 0 },
    ]);
    const { databaseUrl } = JSON.parse(readFileSync(join(home, 'data', 'run.json'), 'utf8'));
    const pool = openPool({ connectionString: databaseUrl, max: 1 });
    await pool.query(
      `update shop set state = jsonb_set(state, '{menu,0,price}', '1') where id = 'shop_002aeef17eec8eac'`,
    );
    await pool.end();
    const checked = await doorbell('rebuild', '--check');
    expect(checked).toMatchObject({ code: 1, stderr: '' });
    expect(checked.stdout).toMatch(
      /^shop_002aeef17eec8eac {2}shop v1 state\.menu\.0\.price: by events \d+, stored 1\n/,
    );
    expect(checked.stdout).toContain('5,690 shops and 0 snapshots compared: 1 differences\n');
    const mended = await doorbell('rebuild');
    expect(mended).toMatchObject({ code: 0, stderr: '' });
    expect(mended.stdout).toContain('shop_002aeef17eec8eac  corrected: its row\n');
    expect(mended.stdout).toContain('1 differences, 1 shops corrected, 0 not corrected\n');
    expect((await doorbell('rebuild', '--check')).code).toBe(0);
  });

  test("who has a database of another system must name that system's topic, too", async () => {
    const file = join(home, 'data', 'run.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const url = `${JSON.parse(readFileSync(file, 'utf8')).databaseUrl}?application_name=elsewhere`;
    const ended = await run('localstack/operate/main.ts', ['replay'], { ...environment, DATABASE_URL: url }).ended;
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('DOORBELL_TOPIC_ARN: missing') });
    expect(await json('replay', '--list')).toHaveLength(2);
  });
});
