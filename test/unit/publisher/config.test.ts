import { expect, test } from 'vitest';
import { readConfig } from '../../../publisher/config.ts';
import { sourceTokensOf } from '../../support/consumers.ts';

const digest = 'a'.repeat(64);
const everyToken = sourceTokensOf({}, digest);
const environment = {
  DATABASE_URL: 'postgres://doorbell@localhost/shops',
  DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:shops',
  DOORBELL_SOURCE_TOKENS: sourceTokensOf({ ad: `${digest}+${'b'.repeat(64)}` }, digest),
  DOORBELL_OPERATOR_TOKENS: `${digest}+${'b'.repeat(64)}`,
};

test('two tokens of an agreement, or of an operator, may be good at a time', () => {
  expect(readConfig(environment).tokens).toMatchObject({ display: [digest], ad: [digest, 'b'.repeat(64)] });
  expect(readConfig(environment).operatorTokens).toEqual([digest, 'b'.repeat(64)]);
});

test('nobody else is listened to than this machine, until a host is said', () => {
  expect(readConfig(environment).host).toBe('127.0.0.1');
});

test('migrations may have a user of their own', () => {
  expect(readConfig(environment).databaseAdminUrl).toBeUndefined();
  const DATABASE_ADMIN_URL = 'postgres://owner@localhost/shops';
  expect(readConfig({ ...environment, DATABASE_ADMIN_URL }).databaseAdminUrl).toBe(DATABASE_ADMIN_URL);
});

test('a token has a limit of requests a second, 5,000 if none is said', () => {
  expect(readConfig(environment).rateLimit).toBe(5_000);
  expect(readConfig({ ...environment, DOORBELL_RATE_LIMIT: '20' }).rateLimit).toBe(20);
});

test('a connection is kept for 90 s, until a proxy needs it longer', () => {
  expect(readConfig(environment).keepAlive).toBe(90);
  expect(readConfig({ ...environment, DOORBELL_KEEP_ALIVE: '620' }).keepAlive).toBe(620);
  expect(() => readConfig({ ...environment, DOORBELL_KEEP_ALIVE: '1.5' })).toThrow(
    /^DOORBELL_KEEP_ALIVE: seconds, 1 to 3600$/,
  );
});

test('the source APIs read from the database, until a replica is named', () => {
  expect(readConfig(environment).databaseReadUrl).toBeUndefined();
  const replica = 'postgres://doorbell@replica/shops';
  expect(readConfig({ ...environment, DATABASE_READ_URL: replica }).databaseReadUrl).toBe(replica);
});

test('message groups are off, until they are switched on', () => {
  expect(readConfig(environment).messageGroups).toBe(false);
  expect(readConfig({ ...environment, DOORBELL_MESSAGE_GROUPS: 'on' }).messageGroups).toBe(true);
  expect(() => readConfig({ ...environment, DOORBELL_MESSAGE_GROUPS: 'yes' })).toThrow(
    /^DOORBELL_MESSAGE_GROUPS: on or off$/,
  );
});

test('the relay has eight calls in flight, until more are asked for', () => {
  expect(readConfig(environment).channels).toBe(8);
  expect(readConfig({ ...environment, DOORBELL_RELAY_CHANNELS: '24' }).channels).toBe(24);
  expect(() => readConfig({ ...environment, DOORBELL_RELAY_CHANNELS: '51' })).toThrow(
    'DOORBELL_RELAY_CHANNELS: calls, 1 to 50',
  );
});

test('the relay follows by position, until the log is asked for', () => {
  expect(readConfig(environment)).toMatchObject({ relay: 'position' });
  const log = { DOORBELL_RELAY: 'log', DATABASE_RELAY_URL: 'postgres://relay@localhost/shops' };
  expect(readConfig({ ...environment, ...log })).toMatchObject({ relay: 'log', relayUrl: log.DATABASE_RELAY_URL });
});

test.each([
  [{ DOORBELL_RELAY: 'wal' }, /^DOORBELL_RELAY: position or log$/],
  [{ DATABASE_RELAY_URL: 'relay' }, /^DATABASE_RELAY_URL: a URL such as postgres:/],
  [{ DATABASE_URL: 'mysql://localhost' }, /^DATABASE_URL: a URL such as postgres:/],
  [{ DATABASE_ADMIN_URL: 'mysql://localhost' }, /^DATABASE_ADMIN_URL: a URL such as postgres:/],
  [{ DATABASE_READ_URL: 'replica' }, /^DATABASE_READ_URL: a URL such as postgres:/],
  [{ DOORBELL_TOPIC_ARN: undefined }, /^DOORBELL_TOPIC_ARN: missing; the ARN of an SNS topic$/],
  [{ DOORBELL_TOPIC_ARN: 'shops' }, /^DOORBELL_TOPIC_ARN: the ARN of an SNS topic$/],
  [{ DOORBELL_SOURCE_TOKENS: '' }, /^DOORBELL_SOURCE_TOKENS: missing; the SHA-256 digests/],
  [{ DOORBELL_SOURCE_TOKENS: everyToken.replace(`,ad=${digest}`, '') }, /^DOORBELL_SOURCE_TOKENS: no token for ad$/],
  [
    { DOORBELL_SOURCE_TOKENS: `dispaly=${digest},ad=${digest},${everyToken}` },
    /^DOORBELL_SOURCE_TOKENS: dispaly is no agreement \([a-z, -]*\)\nDOORBELL_SOURCE_TOKENS: ad occurs twice: join its digests by \+$/,
  ],
  [
    { DOORBELL_SOURCE_TOKENS: `dispaly=${digest},dispaly=${digest}` },
    /dispaly is no agreement .*\n.*dispaly occurs twice.*\n.*no token for display\n.*no token for ad/,
  ],
  [{ DOORBELL_SOURCE_TOKENS: 'display=secret' }, /^DOORBELL_SOURCE_TOKENS: the SHA-256 digests/],
  [{ DOORBELL_OPERATOR_TOKENS: undefined }, /^DOORBELL_OPERATOR_TOKENS: missing; the SHA-256 digests/],
  [{ DOORBELL_OPERATOR_TOKENS: 'a-token-as-it-is' }, /^DOORBELL_OPERATOR_TOKENS: the SHA-256 digests((?!as-it-is).)*$/],
  [{ DOORBELL_RATE_LIMIT: '0' }, /^DOORBELL_RATE_LIMIT: /],
  [{ DOORBELL_RATE_LIMIT: '2000000' }, /^DOORBELL_RATE_LIMIT: requests a second and token, 1 to 1000000$/],
  [{ DOORBELL_PUBLISHER_PORT: '70000' }, /^DOORBELL_PUBLISHER_PORT: a port, 0 to 65535$/],
  [
    { DOORBELL_HOST: 'http://0.0.0.0' },
    /^DOORBELL_HOST: a host name or an address such as 0\.0\.0\.0, without a port$/,
  ],
  [{ DOORBELL_RELEY: 'log' }, /^DOORBELL_RELEY: unknown; did you mean DOORBELL_RELAY\?$/],
])('an environment that says %o is refused, and the error names the variable', (wrong, error) => {
  expect(() => readConfig({ ...environment, ...wrong })).toThrow(error);
});
