import { expect, test } from 'vitest';
import { readConfig } from '../../../consumers/config.ts';

const environment = {
  DOORBELL_CONSUMER: 'display',
  DOORBELL_QUEUE_URL: 'http://localhost:4566/000000000000/display',
  DOORBELL_DEAD_LETTER_QUEUE_URL: 'http://localhost:4566/000000000000/display-dead-letters',
  DOORBELL_SOURCE_URL: 'https://shops.example',
  DOORBELL_SOURCE_TOKEN: 't'.repeat(43),
  DOORBELL_VIEWS: 'views.sqlite',
};

test('what the environment says of a consumer is read, and what it leaves out has a default', () => {
  expect(readConfig({ ...environment, DOORBELL_WINDOW: '25', DOORBELL_SQS_TRANSPORT: '' })).toEqual({
    consumer: 'display',
    config: {
      broker: 'aws',
      queueUrl: environment.DOORBELL_QUEUE_URL,
      deadLetterQueueUrl: environment.DOORBELL_DEAD_LETTER_QUEUE_URL,
      sourceUrl: 'https://shops.example',
      sourceToken: environment.DOORBELL_SOURCE_TOKEN,
      views: 'views.sqlite',
      port: 3001,
      host: '127.0.0.1',
      keepAlive: 90,
      window: 25,
      brake: { share: 0.5, least: 100 },
      transport: 'lean',
    },
  });
});

test('a consumer without a broker needs no queue, and one with a broker does', () => {
  const { DOORBELL_QUEUE_URL: _, DOORBELL_DEAD_LETTER_QUEUE_URL: __, ...others } = environment;
  const { broker, queueUrl } = readConfig({ ...others, DOORBELL_BROKER: 'feed' }).config;
  expect([broker, queueUrl]).toEqual(['feed', undefined]);
  expect(() => readConfig(others)).toThrow(/^DOORBELL_QUEUE_URL: missing; .*\nDOORBELL_DEAD_LETTER_QUEUE_URL: missing/);
  expect(() => readConfig({ ...environment, DOORBELL_BROKER: 'kafka' })).toThrow(/^DOORBELL_BROKER: /);
});

test('a connection is kept for 90 s, until a proxy needs it longer', () => {
  expect(readConfig(environment).config.keepAlive).toBe(90);
  expect(readConfig({ ...environment, DOORBELL_KEEP_ALIVE: '620' }).config.keepAlive).toBe(620);
  expect(() => readConfig({ ...environment, DOORBELL_KEEP_ALIVE: '0' })).toThrow(
    /^DOORBELL_KEEP_ALIVE: seconds, 1 to 3600$/,
  );
});

test('views are in a file or in a table', () => {
  const DOORBELL_VIEWS = 'dynamodb:prod-display-views';
  expect(readConfig({ ...environment, DOORBELL_VIEWS }).config.views).toBe(DOORBELL_VIEWS);
});

test.each([
  [{ DOORBELL_WINDOW: '2001' }, /^DOORBELL_WINDOW: milliseconds, 0 to 2000$/],
  [{ DOORBELL_WINDOW: '-1' }, /^DOORBELL_WINDOW: /],
  [{ DOORBELL_BRAKE_SHARE: '101' }, /^DOORBELL_BRAKE_SHARE: percent, 1 to 100$/],
  [{ DOORBELL_BRAKE_LEAST: '0' }, /^DOORBELL_BRAKE_LEAST: a number of closings/],
  [{ DOORBELL_WINDOW: 'soon' }, /^DOORBELL_WINDOW: /],
  [{ DOORBELL_CONSUMER: 'nobody' }, /^DOORBELL_CONSUMER: the name of a consumer: display\b.*\bad\b/],
  [{ DOORBELL_SQS_TRANSPORT: 'fast' }, /^DOORBELL_SQS_TRANSPORT: lean or sdk$/],
  [{ DOORBELL_SOURCE_TOKEN: undefined }, /^DOORBELL_SOURCE_TOKEN: missing; the token of the agreement, 32 characters/],
  [{ DOORBELL_SOURCE_TOKEN: `"${'t'.repeat(43)}"` }, /^DOORBELL_SOURCE_TOKEN: .* no quotes$/],
  [{ DOORBELL_VIEWS: 'dynamodb:' }, /^DOORBELL_VIEWS: the path of the SQLite file for the views, or dynamodb: and the/],
  [{ DOORBELL_VIEWS: 'dynamodb:a table' }, /^DOORBELL_VIEWS: /],
  [{ DOORBELL_VIEWS: undefined, DOORBELL_QUEUE_URL: 'display' }, /^DOORBELL_QUEUE_URL: .*\nDOORBELL_VIEWS: missing; /],
  [{ DOORBELL_WINDOWS: '25' }, /^DOORBELL_WINDOWS: unknown; did you mean DOORBELL_WINDOW\?$/],
])('an environment that says %o is refused, and the error names the variable', (wrong, error) => {
  expect(() => readConfig({ ...environment, ...wrong })).toThrow(error);
});
