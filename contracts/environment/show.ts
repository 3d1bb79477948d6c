import type { Reading } from './read.ts';

/** Text shown in place of a secret. */
export const HIDDEN = '***';

/** Formats a value for display: secrets are hidden, and null stands for a missing value. Pure. */
export function shown({ text, variable: { secret }, problems }: Reading): string | null {
  if (text === undefined) return null;
  // A malformed value may be anything, even a token in the place of its digest.
  if (problems.length > 0 && (secret !== undefined || mayBeSecret(text))) return HIDDEN;
  if (secret === 'token') return `${HIDDEN} (${text.length} characters)`;
  // 8 digits: enough to tell one digest from another.
  if (secret === 'digest') return text.replace(/[0-9a-f]{64}/g, (digest) => `${digest.slice(0, 8)}…`);
  return withoutPassword(text);
}

/** True if a value may be a token or may contain a password: two lines of a `.env` are easily swapped. */
function mayBeSecret(text: string): boolean {
  return !/^arn:|:\/\//.test(text) && /^\S{32,}$|@/.test(text);
}

/** Hides the password in a URL, even where none is expected. */
function withoutPassword(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  if (!URL.canParse(text)) return HIDDEN;
  const { protocol, username, password, host, pathname, searchParams } = new URL(text);
  const user = username === '' && password === '' ? '' : `${username}${password === '' ? '' : `:${HIDDEN}`}@`;
  // A PostgreSQL URL may have its password as a parameter, too.
  const parameters = [...searchParams.keys()].map(
    (name) => `${name}=${isPlain(name) ? searchParams.get(name) : HIDDEN}`,
  );
  const path = pathname === '/' && !text.endsWith('/') ? '' : pathname;
  return `${protocol}//${user}${host}${path}${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`;
}

const isPlain = (parameter: string) => ['sslmode', 'application_name', 'target_session_attrs'].includes(parameter);
