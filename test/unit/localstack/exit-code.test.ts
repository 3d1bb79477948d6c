import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { expect, onTestFinished, test } from 'vitest';
import { SourceRefused, SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { Unreachable } from '../../../localstack/infrastructure/aws/ask.ts';
import { exitCodeOf } from '../../../localstack/operate/commands/exit-code.ts';
import { NotRunning } from '../../../localstack/operate/commands/running.ts';
import { run } from '../../support/dev-process.ts';

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });
const named = (name: string) => Object.assign(new Error('no'), { name });

test.each<[string, unknown, number]>([
  ['--help', new CommanderError(0, 'commander.help', ''), 0],
  ['an unknown option', new CommanderError(1, 'commander.unknownOption', ''), 2],
  ['nothing runs in the folder', new NotRunning('nothing'), 5],
  ['AWS does not answer', new Unreachable('SNS'), 5],
  ['the publisher does not answer', new SourceUnavailable('ECONNREFUSED'), 5],
  ['the source refuses what was asked', new SourceRefused('source-refused', 422, 'no'), 1],
  ['the database does not answer', coded('ECONNREFUSED'), 5],
  ['the database has no such name', coded('ENOTFOUND'), 5],
  ['the database starts up', coded('57P03'), 5],
  ['the database lets nobody in by this password', coded('28P01'), 5],
  ['the database lacks a table', coded('42P01'), 1],
  ['the connection broke', new Error('Connection terminated unexpectedly'), 5],
  ['SQS does not answer', coded('ECONNREFUSED'), 5],
  ['SQS is too slow', named('TimeoutError'), 5],
  ['there are no credentials', named('CredentialsProviderError'), 5],
  ['the queue is not there', named('QueueDoesNotExist'), 1],
  ['neither address of a name answers', new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), 5],
  ['a replay stops since the database went', new Error('Go on: …', { cause: coded('57P01') }), 5],
  ['a fault of our own', new TypeError('x is not a function'), 1],
  ['what is no error', 'no', 1],
])('where %s the code is as documented', (_, error, code) => {
  expect(exitCodeOf(error, false)).toBe(code);
});

test('Ctrl-C is told by its own code, whatever it broke off', () => {
  for (const error of [new SourceUnavailable('aborted'), coded('ECONNRESET'), new Error('interrupted')])
    expect(exitCodeOf(error, true)).toBe(130);
});

test.each([
  ['replay', '--dry-run'],
  ['rebuild', '--check'],
])('%s %s where no database answers ends with 5', async (...args) => {
  const home = mkdtempSync(join(tmpdir(), 'doorbell-exit-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const DATABASE_URL = 'postgres://shops@127.0.0.1:1/shops';
  const { code, stdout, stderr } = await run('localstack/operate/main.ts', ['--home', home, ...args], { DATABASE_URL })
    .ended;
  expect([code, stdout]).toEqual([5, '']);
  expect(stderr).toContain('ECONNREFUSED');
});
