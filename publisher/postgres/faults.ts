/**
 * What an error of PostgreSQL, or of the way to it, is about.
 * - `server`: it is away, or lets us not in: no session stands.
 * - `session`: this one is good for nothing any more, be it dead or alive; another may do.
 * - `busy`: the same may pass in a moment, on the same session.
 * - `statement`: everything else stays as it is.
 */
export type Fault = 'server' | 'session' | 'busy' | 'statement';

/** No session came to stand. Whatever the code of its cause is, the server is as good as away. */
export class NoSession extends Error {
  override name = 'NoSession';
  constructor(cause: Error & { code?: unknown }) {
    // An AggregateError of several addresses has no message of its own.
    super([cause.message || String(cause.code ?? cause.name), hintOf(cause)].filter(Boolean).join(' '), { cause });
  }
}

type Found = { code?: unknown; severity?: unknown; syscall?: unknown; routine?: unknown; message?: unknown };

/** Tells what an error is about. What is no error of a database, or is unknown, is about the statement. Pure. */
export function faultOf(error: unknown): Fault {
  if (error instanceof NoSession) return 'server';
  const found = (typeof error === 'object' && error !== null ? error : {}) as Found;
  if (typeof found.code !== 'string') return firstOf(BY_MESSAGE, String(found.message ?? ''));
  if (isSqlState(found)) return faultOfServer(found, found.code);
  return /^(connect|getaddrinfo)/.test(String(found.syscall)) ? 'server' : firstOf(BY_NODE_CODE, found.code);
}

/** Tells whether a session that answered so must be thrown away. */
export function isSessionUseless(error: unknown): boolean {
  const fault = faultOf(error);
  return fault === 'server' || fault === 'session';
}

/** Tells whether the same may pass later, since it was no statement's fault: to be answered 503. */
export function isDatabaseAway(error: unknown): boolean {
  return faultOf(error) !== 'statement';
}

/** The code of an error, or of why no session came to stand. */
export function codeOf(error: unknown): string | undefined {
  const { code } = ((error instanceof NoSession ? error.cause : error) ?? {}) as Found;
  return typeof code === 'string' ? code : undefined;
}

/**
 * Whether a database and what we know of it don't go together any more: it takes our user or password no longer (class 28), or its
 * certificate is of another CA. A secret may say better by now. A replica's error is a cause.
 */
export function isDatabaseRefusing({ code, cause }: Error & { code?: unknown }): boolean {
  if (typeof code === 'string' && (/^28\w{3}$/.test(code) || UNKNOWN_CA.test(code))) return true;
  return cause instanceof Error && isDatabaseRefusing(cause);
}

const UNKNOWN_CA = /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+)$/;

type Rules = readonly (readonly [RegExp, Fault])[];

const firstOf = (rules: Rules, text: string): Fault => rules.find(([form]) => form.test(text))?.[1] ?? 'statement';

/** Five characters; EPIPE, EPERM and their like are Node's, and no class of PostgreSQL begins with E. */
function isSqlState({ code, severity }: Found): boolean {
  return typeof severity === 'string' || /^(?!E)[0-9A-Z]{5}$/.test(String(code));
}

function faultOfServer({ severity, routine }: Found, code: string): Fault {
  const fault = firstOf(BY_SQLSTATE, code);
  if (fault === 'server') return fault;
  // PostgreSQL ends a session with these, whatever else it says.
  if (severity === 'FATAL' || severity === 'PANIC') return 'session';
  // "cached plan must not change result type": a migration came between, and this session says so for ever.
  return routine === 'RevalidateCachedQuery' ? 'session' : fault;
}

/** PostgreSQL 18, Appendix A; a pooler speaks class 08. */
const BY_SQLSTATE: Rules = [
  // Starting up or not open yet; no connection left; nobody lets us in; no such database.
  [/^(57P03|53300|28\w{3}|3D000)$/, 'server'],
  // Shut down, crashed, dropped, timed out; read-only after a demotion; prepared statements that are another session's.
  [/^(08\w{3}|57P0[1245]|25P0[34]|25006|26000|42P05)$/, 'session'],
  // Deadlocks and conflicts with recovery; no disk or memory; its own trouble; in use, locked, too slow.
  [/^(40\w{3}|53\w{3}|58\w{3}|55006|55P03|57014)$/, 'busy'],
];

const BY_NODE_CODE: Rules = [
  [/^(ECONNREFUSED|ENOTFOUND|EAI_\w+|E(HOST|NET)UNREACH|E(HOST|NET)DOWN|EADDRNOTAVAIL|EMFILE|ENFILE)$/, 'server'],
  // OpenSSL's reasons why a certificate is not believed (Node.js, "X509 certificate error codes").
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

/** What to do about a server that speaks TLS in another way than we do. */
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
