import { expect, onTestFinished, test } from 'vitest';
import { sourceTokensOf } from '../support/consumers.ts';
import { printed, run } from '../support/dev-process.ts';
import { processes, sourceToken } from '../support/processes.ts';
import { aShop, asOperator, operatorToken } from '../support/publisher.ts';

const wrong = 'w'.repeat(43);

/** Sends a request and keeps all that was answered, headers too. */
async function ask(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
}

test('tokens, passwords and keys stand in no log and in no answer, whatever goes wrong', async () => {
  const { publisher, publisherUrl, display, displayUrl, admin, passwords } = await processes({ token: wrong });
  const json = { 'content-type': 'application/json' };
  const as = (token: string) => ({ ...json, authorization: `Bearer ${token}` });
  const register = { method: 'POST', headers: { ...asOperator, ...json }, body: JSON.stringify({ ...aShop, id: 'a' }) };
  const answers = [
    await ask(`${publisherUrl}/shops`, register),
    await ask(`${publisherUrl}/shops`, { headers: as(wrong) }),
    await ask(`${publisherUrl}/display/shops/a`, { headers: as(wrong) }),
    await ask(`${publisherUrl}/display/shops/a`, { headers: as(sourceToken) }),
    await ask(`${publisherUrl}/shops`, { ...register, body: '{' }),
    await ask(`${publisherUrl}/shops`, { ...register, body: JSON.stringify({ authorization: asOperator }) }),
    await ask(`${displayUrl}/shops/a`, { headers: as(wrong) }),
    await ask(`${displayUrl}/metrics`),
  ];
  // A consumer with a token that is not good: an outage, and its ring waits.
  expect(await printed(display, '"token-refused"')).toContain('"status":401');
  // A shop that breaks the agreement, and a database that hangs up.
  await admin.query(`update shop set state = state || '{"category": 7}'`);
  answers.push(await ask(`${publisherUrl}/display/shops/a`, { headers: as(sourceToken) }));
  await printed(publisher, '"kind":"error"');
  await admin.query(`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and usename = 'doorbell_api'`);
  await printed(publisher, '"kind":"failed"');

  expect(answers.map((answer) => answer.slice(0, 3))).toEqual([
    ...['201', '401', '401', '200', '400', '422', '404', '200', '500'],
  ]);
  const told = [publisher.output(), display.output(), ...answers].join('\n');
  const secrets = [operatorToken, sourceToken, wrong, 'test-secret-of-aws', ...passwords];
  expect(new Set(secrets).size).toBe(6);
  expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
});

test.each([
  ['DATABASE_URL', `mysql://doorbell:${wrong}@127.0.0.1/shops`],
  ['DATABASE_ADMIN_URL', `mysql://doorbell:${wrong}@127.0.0.1/shops`],
  ['DOORBELL_OPERATOR_TOKENS', wrong],
  ['DOORBELL_SOURCE_TOKENS', `display=${wrong}`],
  ['DOORBELL_SOURCE_TOKENS', `ad=${'a'.repeat(64)},display=${wrong}`],
])(
  'a publisher that is told a secret in the wrong way refuses to start, and does not repeat it: %s',
  async (name, value) => {
    const { code, stdout, stderr } = await run('publisher/main.ts', [], { [name]: value }).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`${name}: `);
    expect(stderr).not.toContain(wrong);
  },
);

test('a publisher whose database is away, or knows another password, does not say which it tried', async () => {
  const environment = {
    DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:shops',
    DOORBELL_SOURCE_TOKENS: sourceTokensOf(),
    DOORBELL_OPERATOR_TOKENS: 'a'.repeat(64),
    DATABASE_URL: `postgres://doorbell:${wrong}@127.0.0.1:1/shops`,
  };
  const publisher = run('publisher/main.ts', [], environment);
  onTestFinished(() => void publisher.child.kill());
  await printed(publisher, 'ECONNREFUSED');
  expect(publisher.output()).not.toContain(wrong);
});
