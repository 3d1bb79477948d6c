import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sourceTokensOf } from '../../support/consumers.ts';
import { run } from '../../support/dev-process.ts';

const digest = 'a1b2c3d4'.repeat(8);
const password = 'kimchi-jjigae';
const token = 't0ken'.repeat(9);

const publisher = {
  DATABASE_URL: `postgres://shops:${password}@db.example/shops?sslmode=require`,
  DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:shops',
  DOORBELL_SOURCE_TOKENS: sourceTokensOf({ ad: `${digest}+${digest}` }, digest),
  DOORBELL_OPERATOR_TOKENS: digest,
};

const display = {
  DOORBELL_CONSUMER: 'display',
  DOORBELL_QUEUE_URL: 'https://sqs.example/1/display',
  DOORBELL_DEAD_LETTER_QUEUE_URL: 'https://sqs.example/1/display-dead-letters',
  DOORBELL_SOURCE_URL: 'https://shops.example',
  DOORBELL_SOURCE_TOKEN: token,
  DOORBELL_VIEWS: '/nowhere/display.db',
};

/** `npm run doorbell -- config …`. */
const config = (args: string[], environment: Record<string, string>) =>
  run('localstack/operate/main.ts', ['config', ...args], environment).ended;

const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** A line of the table: its cells. */
const rowOf = (stdout: string, name: string) =>
  stdout
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(/ {2,}/);

test('config shows what a program would read and where it comes from, and ends with 0 if it could start', async () => {
  const { code, stdout, stderr } = await config(['publisher'], { ...publisher, DOORBELL_RATE_LIMIT: '20' });
  expect(stdout).toContain('publisher · node publisher/main.ts · valid\n');
  expect(rowOf(stdout, 'DATABASE_URL')?.[1]).toBe('postgres://shops:***@db.example/shops?sslmode=require');
  expect(rowOf(stdout, 'DOORBELL_SOURCE_TOKENS')?.[1]).toMatch(/^display=a1b2c3d4….*,ad=a1b2c3d4…\+a1b2c3d4…/);
  expect(rowOf(stdout, 'DOORBELL_RATE_LIMIT')?.slice(1)).toEqual(['20 requests a second', 'environment']);
  expect(rowOf(stdout, 'DOORBELL_PUBLISHER_PORT')?.slice(1)).toEqual(['3000', 'default']);
  expect(rowOf(stdout, 'DATABASE_READ_URL')?.slice(1)).toEqual(['–', 'not stated']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('config names all that is missing, malformed or unknown, and ends with 1', async () => {
  const wrong = { DOORBELL_CONSUMER: 'display', DOORBELL_WINDOW: '2001', DOORBELL_QUEU_URL: 'https://sqs.example/1' };
  const { code, stdout, stderr } = await config(['display'], wrong);
  expect(rowOf(stdout, 'DOORBELL_WINDOW')?.slice(1)).toEqual(['2001', 'environment, malformed']);
  expect(rowOf(stdout, 'DOORBELL_VIEWS')?.slice(1)).toEqual(['–', 'missing']);
  expect(stderr).toContain('✖ display: DOORBELL_WINDOW: milliseconds, 0 to 2000\n');
  expect(stderr).toContain("✖ display: DOORBELL_QUEUE_URL: missing; the URL of the consumer's queue\n");
  expect(stderr).toContain('✖ DOORBELL_QUEU_URL: unknown; did you mean DOORBELL_QUEUE_URL?\n');
  expect(code).toBe(1);
});

test('config says it to programs, a line for each variable', async () => {
  const { code, stdout } = await config(['display', '--json'], { ...display, DOORBELL_WINDOW: '25' });
  const lines = linesOf(stdout);
  const of = (name: string) => lines.find((line) => line.name === name);
  expect(of('DOORBELL_WINDOW')).toEqual({
    schemaVersion: 1,
    program: 'display',
    name: 'DOORBELL_WINDOW',
    value: '25',
    unit: 'milliseconds',
    from: 'environment',
    secret: null,
    problems: [],
  });
  expect(of('DOORBELL_SOURCE_TOKEN')).toMatchObject({ value: '*** (45 characters)', secret: 'token' });
  expect(code).toBe(0);
});

test('the environment of one consumer is not that of another', async () => {
  const { code, stderr } = await config(['ad'], display);
  expect(stderr).toContain('✖ ad: DOORBELL_CONSUMER: names display, but this is the program of ad');
  expect(code).toBe(1);
});

test('a .env file lies below the environment, as with node --env-file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'display.env');
  const lines = Object.entries(display).map(([name, value]) => `${name}="${value}"`);
  writeFileSync(file, ['# of display', ...lines, 'DOORBELL_WINDOW=25', 'DOORBELL_WINDOWS=30'].join('\n'));
  const { code, stdout, stderr } = await config(['display', '--env', file, '--json'], { DOORBELL_WINDOW: '50' });
  const of = (name: string) => linesOf(stdout).find((line) => line.name === name);
  expect(of('DOORBELL_VIEWS')).toMatchObject({ value: '/nowhere/display.db', from: file });
  expect(of('DOORBELL_WINDOW')).toMatchObject({ value: '50', from: 'environment' });
  expect(of('DOORBELL_WINDOWS')).toMatchObject({ value: null, from: 'unknown' });
  expect([code, stderr]).toEqual([1, '']);
});

test('a .env file in UTF-16 is refused in words, and one with a byte order mark is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'display.env');
  writeFileSync(file, `\ufeff${Object.entries(display).map((each) => each.join('='))[0]}\n`, 'utf16le');
  const refused = await config(['display', '--env', file], {});
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('it is UTF-16; save it as UTF-8')]);
  writeFileSync(
    file,
    `\ufeff# of display\n${Object.entries(display)
      .map((each) => each.join('='))
      .join('\n')}`,
  );
  expect(await config(['display', '--env', file], {})).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  [['nobody'], /Allowed choices are publisher, /],
  [['--env', '/nowhere/.env'], /--env \/nowhere\/\.env can't be read/],
])('config %j is a mistake of whoever asks, and ends with 2', async (args, message) => {
  const { code, stdout, stderr } = await config(args, {});
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

test('no secret is in what config prints, however it was written down', async () => {
  const planted = {
    ...publisher,
    ...display,
    // The word that must not be seen stands in each of them.
    DATABASE_ADMIN_URL: `mysql://owner:${password}@db.example/shops`,
    DATABASE_READ_URL: `postgres://shops@db.example/shops?password=${password}`,
    DATABASE_RELAY_URL: `:${password}`,
    DOORBELL_SOURCE_TOKENS: sourceTokensOf({ display: password }, digest),
    DOORBELL_OPERATOR_TOKENS: `${digest}+${password}`,
    DOORBELL_SOURCE_URL: `https://display:${password}@shops.example`,
    DOORBELL_QUEUE_URL: `https://sqs.example/1/display?X-Amz-Security-Token=${password}`,
    DOORBELL_DEAD_LETTER_QUEUE_URL: token,
    DOORBELL_RELAY: `shops:${password}@db.example`,
    DOORBELL_SOURCE_TOKN: `${password}-misspelt`,
    DATABASE_READS_URL: `postgres://shops:${password}@db.example/shops`,
    AWS_ACCESS_KEY_ID: password,
    AWS_SECRET_ACCESS_KEY: password,
    AWS_SESSION_TOKEN: password,
  };
  for (const args of [[], ['--json'], ['display', 'publisher'], ['dev']]) {
    const { stdout, stderr } = await config(args, planted);
    expect(stdout + stderr).toContain('DATABASE_URL');
    expect((stdout + stderr).match(RegExp(`.*(${password}|${token}).*`, 'g'))).toBeNull();
  }
});

test('a misspelt variable stops every command, before it asks the wrong system', async () => {
  const { code, stdout, stderr } = await run('localstack/operate/main.ts', ['verify'], { DOORBELL_HOM: 'elsewhere' })
    .ended;
  expect([code, stdout, stderr]).toEqual([1, '', '✖ DOORBELL_HOM: unknown; did you mean DOORBELL_HOME?\n']);
});

test.each(['publisher/main.ts', 'consumers/main.ts', 'localstack/start/main.ts'])(
  '%s does not start with a misspelt variable',
  async (program) => {
    const environment = { ...publisher, ...display, DOORBELL_RELEY: 'log' };
    const { child, ended } = run(program, [], environment);
    onTestFinished(() => void child.kill('SIGKILL'));
    const { code, stdout, stderr } = await ended;
    expect(stderr).toMatch(/^(✖ )?DOORBELL_RELEY: unknown; did you mean DOORBELL_RELAY\?\n$/);
    expect([code, stdout]).toEqual([1, '']);
  },
);
