import { parseEnv } from 'node:util';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { port, postgresUrl, text, whole } from '../../../contracts/environment/forms.ts';
import { problemsOfNames, variableReader } from '../../../contracts/environment/read.ts';
import { stated, unknownVariables } from '../../../contracts/environment/unknown.ts';
import { defineVariables } from '../../../contracts/environment/variable.ts';
import { distance } from '../../../contracts/wire/nearest.ts';

const CONSUMERS = ['display', 'ad'];
const readVariables = variableReader(CONSUMERS);

const table = defineVariables({
  DATABASE_URL: { what: 'The database.', schema: postgresUrl, readBy: ['server'], example: 'postgres://host/shops' },
  DOORBELL_PUBLISHER_PORT: { what: 'Port.', schema: port, readBy: ['server'], default: '3000', example: '1' },
  DOORBELL_WINDOW: { what: 'W.', schema: whole(0, 9, '0 to 9'), readBy: ['server'], optional: true, example: '1' },
  DOORBELL_TABLE: { what: 'Table.', schema: text(/^t/, 'begins with t'), readBy: ['server', 'function'], example: 't' },
});

const environment = { DATABASE_URL: 'postgres://host/shops', DOORBELL_TABLE: 'tab' };

describe('an environment', () => {
  test('is read into the types that the table says, and holds what a program reads and nothing else', () => {
    const server = readVariables(table, 'server', { ...environment, DOORBELL_HOST: '::1' });
    expect(server).toStrictEqual({
      DATABASE_URL: 'postgres://host/shops',
      DOORBELL_PUBLISHER_PORT: 3000,
      DOORBELL_WINDOW: undefined,
      DOORBELL_TABLE: 'tab',
    });
    expectTypeOf(server.DOORBELL_PUBLISHER_PORT).toEqualTypeOf<number>();
    expectTypeOf(server.DOORBELL_WINDOW).toEqualTypeOf<number | undefined>();
    const lambda = readVariables(table, 'function', environment);
    expect(lambda).toStrictEqual({ DOORBELL_TABLE: 'tab' });
    // @ts-expect-error the function does not read it
    expect(lambda.DATABASE_URL).toBeUndefined();
    // @ts-expect-error nobody of that name reads anything
    expect(readVariables(table, 'browser', environment)).toEqual({});
  });

  test('is told all that is wrong with it at once, and never the value', () => {
    const wrong = {
      DATABASE_URL: 'mysql://shops:kimchi@host/shops',
      DOORBELL_PUBLISHER_PORT: '70000',
      DOORBELL_WINDOW: 'soon',
      DOORBELL_TABEL: 'kimchi',
    };
    expect(() => readVariables(table, 'server', wrong)).toThrow(
      [
        'DATABASE_URL: a URL such as postgres://user:password@host:5432/shops',
        'DOORBELL_PUBLISHER_PORT: a port, 0 to 65535',
        'DOORBELL_WINDOW: 0 to 9',
        'DOORBELL_TABLE: missing; begins with t',
        'DOORBELL_TABEL: unknown; did you mean DOORBELL_TABLE?',
      ].join('\n'),
    );
    expect(() => readVariables(table, 'server', wrong)).not.toThrow('kimchi');
  });

  test.each(['0x10', ' 80', '8e1', '80.0', '-1', '+80', '８０'])('takes %j for no number', (said) => {
    expect(() => readVariables(table, 'server', { ...environment, DOORBELL_PUBLISHER_PORT: said })).toThrow('a port');
  });

  test('says nothing by an empty value, whatever its name', () => {
    const empty = { ...environment, DOORBELL_WINDOW: '', DOORBELL_NOWHERE: '' };
    expect(readVariables(table, 'server', empty).DOORBELL_WINDOW).toBeUndefined();
  });

  test('may be one for all sides: what another side reads is not unknown', () => {
    const others = { DOORBELL_VIEWS: 'x', DOORBELL_TOPIC_ARN: 'x', DOORBELL_DISPLAY_PORT: 'x', DOORBELL_HOME: 'x' };
    expect(unknownVariables(others, CONSUMERS)).toEqual([]);
  });
});

test.each([
  ['DOORBELL_QUEU_URL', 'DOORBELL_QUEUE_URL'],
  ['DOORBELL_SOURCE_TOKNES', 'DOORBELL_SOURCE_TOKENS'],
  ['DOORBELL_DEADLETTER_QUEUE_URL', 'DOORBELL_DEAD_LETTER_QUEUE_URL'],
  ['DOORBEL_HOST', 'DOORBELL_HOST'],
  ['DOORBELL_DISPLY_PORT', 'DOORBELL_DISPLAY_PORT'],
  ['DATABASE_RAED_URL', 'DATABASE_READ_URL'],
  ['DATABASE_ADMIN_SECRT_ARN', 'DATABASE_ADMIN_SECRET_ARN'],
])('%s is unknown, and the nearest known one is %s', (name, near) => {
  expect(unknownVariables({ [name]: 'x' }, CONSUMERS)).toEqual([{ name, near }]);
});

test('what is like none of ours is unknown all the same, and is told where to look', () => {
  expect(problemsOfNames({ DOORBELL_COLOUR_SCHEME: 'dark' }, CONSUMERS)).toEqual([
    { name: 'DOORBELL_COLOUR_SCHEME', problem: 'unknown; docs/configuration.md lists all variables' },
  ]);
});

test.each([
  ['a name', 'DOORBELL_HOST=x'],
  ['a name of Windows', 'DOORBELL_HOST=x\r\n'],
  ['blanks', ' \tDOORBELL_HOST = x'],
  ['a comment', '# of display\nDOORBELL_HOST=x'],
  ['two comments and an empty line', '# one\n\n# two\nDOORBELL_HOST=x'],
  ['a comment with a = in it', '# A=b\nDOORBELL_HOST=x'],
  ['an empty line', '\nDOORBELL_HOST=x'],
  ['export', 'export DOORBELL_HOST=x'],
])('a byte order mark at the beginning of a .env, before %s, is ignored', (_, text) => {
  const environment = parseEnv(`\ufeff${text}`);
  expect(stated(environment, 'DOORBELL_HOST')).toBe('x');
  expect(unknownVariables(environment, CONSUMERS)).toEqual([]);
});

test('what the environment says wins over what stands behind a mark, and a misspelt name there is told', () => {
  expect(stated({ '\ufeffDOORBELL_HOST': 'file', DOORBELL_HOST: 'shell' }, 'DOORBELL_HOST')).toBe('shell');
  expect(stated({ '\ufeffDOORBELL_HOST': '' }, 'DOORBELL_HOST')).toBeUndefined();
  expect(unknownVariables({ '\ufeffDOORBELL_HOTS': 'x' }, CONSUMERS)).toEqual([
    { name: 'DOORBELL_HOTS', near: 'DOORBELL_HOST' },
  ]);
});

test('a byte order mark before what the AWS SDK reads is told, since the SDK does not see the name', () => {
  const problem = 'not seen by the AWS SDK; a byte order mark stands before it: save the .env as UTF-8 without one';
  expect(problemsOfNames({ '\ufeffAWS_REGION': 'eu-central-1' }, CONSUMERS)).toEqual([{ name: 'AWS_REGION', problem }]);
});

test.each([
  'DATABASE_URI',
  'DATABASE_TEST_URL',
  'DATABASE_READ_URI',
  'DATABASE_PASSWORD',
  'MY_DOORBELL_HOST',
  'BELL_HOST',
  'AWS_REGOIN',
])('%s may be a neighbour’s, and is left alone', (name) => {
  expect(unknownVariables({ [name]: 'x' }, CONSUMERS)).toEqual([]);
});

test('a neighbour’s DATABASE_… is left alone where ours of nearly that name is stated too', () => {
  const both = { DATABASE_READ_URL: 'x', DATABASE_READS_URL: 'x' };
  expect(unknownVariables(both, CONSUMERS)).toEqual([]);
  expect(unknownVariables({ DATABASE_READS_URL: 'x' }, CONSUMERS)).toEqual([
    { name: 'DATABASE_READS_URL', near: 'DATABASE_READ_URL' },
  ]);
});

test.each([
  ['', 'abc', 3],
  ['queue', 'queue', 0],
  ['queu', 'queue', 1],
  ['quuee', 'queue', 1],
  ['quebe', 'queue', 1],
  ['kitten', 'sitting', 3],
])('from %j to %j it is %i letters', (one, other, letters) => {
  expect([distance(one, other), distance(other, one)]).toEqual([letters, letters]);
});

test('a table cannot name a variable that the other sides would take for misspelt', () => {
  const host = { what: 'Host.', schema: text(/./, 'a host'), readBy: ['server'], example: 'a' } as const;
  defineVariables({ DOORBELL_HOST: host });
  // @ts-expect-error it does not stand in known.ts
  defineVariables({ DOORBELL_HOST: host, DOORBELL_NOWHERE: host });
});
