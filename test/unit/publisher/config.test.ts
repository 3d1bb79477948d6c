import { expect, test } from 'vitest';
import { readConfig } from '../../../publisher/config.ts';

const digest = 'a'.repeat(64);
const environment = {
  DATABASE_URL: 'postgres://doorbell@localhost/shops',
  DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:shops',
  DOORBELL_SOURCE_TOKENS: `display=${digest},ad=${digest}+${'b'.repeat(64)}`,
};

test('two tokens of an agreement may be good at a time', () => {
  expect(readConfig(environment).tokens).toEqual({ display: [digest], ad: [digest, 'b'.repeat(64)] });
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

test.each([
  [{ DATABASE_URL: 'mysql://localhost' }, /^DATABASE_URL: a URL such as postgres:/],
  [{ DATABASE_READ_URL: 'replica' }, /^DATABASE_READ_URL: a URL such as postgres:/],
  [{ DOORBELL_TOPIC_ARN: undefined }, /^DOORBELL_TOPIC_ARN: missing; the ARN of an SNS topic$/],
  [{ DOORBELL_TOPIC_ARN: 'shops' }, /^DOORBELL_TOPIC_ARN: the ARN of an SNS topic$/],
  [{ DOORBELL_SOURCE_TOKENS: '' }, /^DOORBELL_SOURCE_TOKENS: missing; the SHA-256 digests/],
  [{ DOORBELL_SOURCE_TOKENS: 'display=secret' }, /^DOORBELL_SOURCE_TOKENS: the SHA-256 digests/],
  [{ DOORBELL_PUBLISHER_PORT: '70000' }, /^DOORBELL_PUBLISHER_PORT: /],
])('an environment that says %o is refused, and the error names the variable', (wrong, error) => {
  expect(() => readConfig({ ...environment, ...wrong })).toThrow(error);
});
