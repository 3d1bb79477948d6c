import { expect, test } from 'vitest';
import { testBroker } from '../support/broker.ts';
import { freshDatabase } from '../support/database.ts';
import { run } from '../support/dev-process.ts';
import { writeEvents } from '../support/events.ts';

/** `doorbell replay` at a system that the environment names, whose topic and queue were removed. */
async function world() {
  const { admin: pool, url } = await freshDatabase();
  const { client } = await testBroker();
  const endpoint = String(client.endpoint).replace(/\/$/, '');
  const environment = {
    DATABASE_URL: url,
    DOORBELL_HOME: '/nowhere',
    DOORBELL_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:removed',
    DOORBELL_QUEUE_URL: `${endpoint}/000000000000/removed`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  /** What is said of the addresses that the environment names. */
  const told = (name: 'DOORBELL_TOPIC_ARN' | 'DOORBELL_QUEUE_URL') =>
    `DATABASE_URL is set and used: ${url.replace(/:[^:@/]+@/, ':***@')}\n${name} is set and used: ${environment[name]}\n`;
  const replay = (...args: string[]) => run('localstack/operate/main.ts', ['replay', ...args], environment).ended;
  return { pool, replay, told };
}

test.each([
  ['topic', 'DOORBELL_TOPIC_ARN', [], 'NotFoundException: Topic does not exist'],
  ['queue', 'DOORBELL_QUEUE_URL', ['--consumer', 'display'], 'QueueDoesNotExist: The specified queue does not exist'],
] as const)('a replay to a %s that is not there ends, says why and how to go on', async (_, variable, args, reason) => {
  const { pool, replay, told } = await world();
  await writeEvents(
    pool,
    Array.from({ length: 200 }, (_, n) => ({ shop: `shop_${n}`, version: 1 })),
  );
  const { code, stdout, stderr } = await replay(...args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe(`${told(variable)}✖ ${reason}. To go on: npm run doorbell -- replay --resume 1\n`);
  const { rows } = await pool.query('select state, rung, refused, pos from replay');
  expect(rows).toEqual([{ state: 'stopped', rung: 0, refused: 0, pos: 0 }]);
});

test.each([
  ['--since', '0000-01-01T00:00:00Z'],
  ['--until', '0001-01-01T00:00:00+10:00'],
  ['--since', '2026-02-30T00:00:00Z'],
])('%s %s is no instant, and PostgreSQL is not asked', async (option, instant) => {
  const { replay } = await world();
  const { code, stderr } = await replay('--dry-run', option, instant);
  expect([code, stderr]).toEqual([2, expect.stringContaining('Give an instant such as 2026-11-24T10:15:00Z')]);
});

test.each([
  [['--since', '2026-01-01T00:00:00Z', '--until', '9999-12-31T23:59:59-10:00']],
  [['--since', '0001-01-01T00:00:00Z', '--until', '2026-01-01T00:00:00-23:59']],
])('instants are compared as instants: %j', async (args) => {
  const { pool, replay } = await world();
  await writeEvents(pool, [{ shop: 'a', version: 1, at: '2026-01-01T00:00:00Z' }]);
  const { code, stdout } = await replay('--dry-run', '--json', ...args);
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { events: 1 }]);
});

test('an end that is not after the beginning is refused, whatever their offsets', async () => {
  const { replay } = await world();
  const { code, stderr } = await replay('--since', '2026-01-01T00:00:00Z', '--until', '2026-01-01T09:00:00+09:00');
  expect([code, stderr]).toEqual([2, expect.stringContaining('--since must be earlier')]);
});
