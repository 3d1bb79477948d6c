/**
 * Scope of a PostgreSQL error, or of an error on the way to PostgreSQL.
 * - `server`: the server is away or refuses us; there is no session.
 * - `session`: this session is broken, dead or alive; another one may work.
 * - `busy`: the same statement may succeed in a moment, on the same session.
 * - `statement`: only this statement failed.
 */
export type Fault = 'server' | 'session' | 'busy' | 'statement';

/** No session could be opened. Whatever the code of its cause, the server counts as away. */
export class NoSession extends Error {
  override name = 'NoSession';
  constructor(cause: Error & { code?: unknown }) {
    // An AggregateError of several addresses has no message of its own.
    super([cause.message || String(cause.code ?? cause.name), hintOf(cause)].filter(Boolean).join(' '), { cause });
  }
}

type Found = { code?: unknown; severity?: unknown; syscall?: unknown; routine?: unknown; message?: unknown };

/** Finds the scope of an error. Errors that are unknown or not of a database count as `statement`. Pure. */
export function faultOf(error: unknown): Fault {
  if (error instanceof NoSession) return 'server';
  const found = (typeof error === 'object' && error !== null ? error : {}) as Found;
  if (typeof found.code !== 'string') return firstOf(BY_MESSAGE, String(found.message ?? ''));
  if (isSqlState(found)) return faultOfServer(found, found.code);
  return /^(connect|getaddrinfo)/.test(String(found.syscall)) ? 'server' : firstOf(BY_NODE_CODE, found.code);
}

/** True if the session that raised this error must be closed. */
export function isSessionUseless(error: unknown): boolean {
  const fault = faultOf(error);
  return fault === 'server' || fault === 'session';
}

/** True if the same may succeed later, because the statement was not at fault: answered with 503. */
export function isDatabaseAway(error: unknown): boolean {
  return faultOf(error) !== 'statement';
}

/** Reads the code of an error, or of the reason why no session could be opened. */
export function codeOf(error: unknown): string | undefined {
  const { code } = ((error instanceof NoSession ? error.cause : error) ?? {}) as Found;
  return typeof code === 'string' ? code : undefined;
}

/**
 * True if the database no longer accepts our credentials or certificate: user or password are refused (class 28), or
 * the certificate is of another CA. A newer secret may fit. The error of a replica is in `cause`.
 */
export function isDatabaseRefusing({ code, cause }: Error & { code?: unknown }): boolean {
  if (typeof code === 'string' && (/^28\w{3}$/.test(code) || UNKNOWN_CA.test(code))) return true;
  return cause instanceof Error && isDatabaseRefusing(cause);
}

const UNKNOWN_CA = /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+)$/;

type Rules = readonly (readonly [RegExp, Fault])[];

const firstOf = (rules: Rules, text: string): Fault => rules.find(([form]) => form.test(text))?.[1] ?? 'statement';

/**
 * True for an SQLSTATE, which has five characters. EPIPE, EPERM and similar codes are Node's: no class of PostgreSQL
 * begins with E.
 */
function isSqlState({ code, severity }: Found): boolean {
  return typeof severity === 'string' || /^(?!E)[0-9A-Z]{5}$/.test(String(code));
}

function faultOfServer({ severity, routine }: Found, code: string): Fault {
  const fault = firstOf(BY_SQLSTATE, code);
  if (fault === 'server') return fault;
  // PostgreSQL ends a session with these severities, whatever the code is.
  if (severity === 'FATAL' || severity === 'PANIC') return 'session';
  // "cached plan must not change result type": a migration ran in between, and this session would fail for ever.
  return routine === 'RevalidateCachedQuery' ? 'session' : fault;
}

/** Scopes by SQLSTATE (PostgreSQL 18, Appendix A). Poolers use class 08. */
const BY_SQLSTATE: Rules = [
  // Server starting or not open yet; no connection left; login refused; no such database.
  [/^(57P03|53300|28\w{3}|3D000)$/, 'server'],
  // Shut down, crashed, dropped, timed out; read-only after a demotion; prepared statements of another session.
  [/^(08\w{3}|57P0[1245]|25P0[34]|25006|26000|42P05)$/, 'session'],
  // Deadlocks and recovery conflicts; no disk or memory; internal server errors; in use, locked, too slow.
  [/^(40\w{3}|53\w{3}|58\w{3}|55006|55P03|57014)$/, 'busy'],
];

const BY_NODE_CODE: Rules = [
  [/^(ECONNREFUSED|ENOTFOUND|EAI_\w+|E(HOST|NET)UNREACH|E(HOST|NET)DOWN|EADDRNOTAVAIL|EMFILE|ENFILE)$/, 'server'],
  // OpenSSL's reasons for rejecting a certificate (Node.js, "X509 certificate error codes").
  [/^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|ERR_TLS_)/, 'server'],
  [/^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTCONN|ESHUTDOWN|EPROTO|ERR_(SOCKET|STREAM|SSL)_\w+)$/, 'session'],
];

/** Messages of pg and its pool that have no code. */
const BY_MESSAGE: Rules = [
  [
    /^(timeout exceeded when trying to connect|timeout expired|Connection terminated due to connection timeout)/,
    'server',
  ],
  [
    /^(The server does not support SSL|There was an error establishing an SSL|SASL: |Cannot use a pool after)/,
    'server',
  ],
  [
    /^(Connection terminated|Query read timeout|Client (has encountered|was closed)|[Rr]eceived (invalid response|unexpected))/,
    'session',
  ],
];

/** Advice for a server whose TLS settings differ from ours. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/no pg_hba\.conf entry .*(no encryption|SSL off)/, 'The server takes TLS only: end the URL in ?sslmode=verify-full'],
  [
    UNKNOWN_CA,
    'The CA of its certificate is not known here: name its file, &sslrootcert=/path/ca.pem; a function has DATABASE_CA_SECRET_ARN.',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'Put into the URL a name that stands in the certificate.'],
  [/^The server does not support SSL/, 'It speaks no TLS: take sslmode out of the URL.'],
];

function hintOf({ code, message }: { code?: unknown; message: string }): string | undefined {
  return HINTS.find(([form]) => form.test(message) || form.test(String(code)))?.[1];
}
