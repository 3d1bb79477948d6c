import * as z from 'zod/mini';
import { text } from '../contracts/environment/forms.ts';
import { agreements } from '../contracts/shops/agreements/all.ts';

/** Reads the agreement and the digests of one entry. */
function readEntry(entry: string): [string, string[]] {
  const [agreement = '', digests = ''] = entry.split('=');
  return [agreement, digests.split('+')];
}

/**
 * Lists problems with the agreements of tokens. Each agreement must occur once, since no request passes without a
 * token. Pure.
 */
function issuesOfNames(stated: readonly string[]): string[] {
  const known: string[] = agreements.map(({ name }) => name);
  return [
    ...unique(stated.filter((name) => !known.includes(name))).map(
      (name) => `${name} is no agreement (${known.join(', ')})`,
    ),
    ...unique(stated.filter((name, n) => stated.indexOf(name) < n)).map(
      (name) => `${name} occurs twice: join its digests by +`,
    ),
    ...known.filter((name) => !stated.includes(name)).map((name) => `no token for ${name}`),
  ];
}

const unique = (names: readonly string[]) => [...new Set(names)];

/**
 * Digests in the form `display=<sha-256>,ad=<sha-256>+<sha-256>`, so that no token is in an environment. Two are valid
 * at a time during rotation.
 */
export const tokenDigests = z.pipe(
  text(
    /^([a-z][a-z0-9-]*=[0-9a-f]{64}(\+[0-9a-f]{64})*)(,[a-z][a-z0-9-]*=[0-9a-f]{64}(\+[0-9a-f]{64})*)*$/,
    'the SHA-256 digests of the tokens, as display=<64 hex digits>,ad=<64 hex digits>',
  ),
  z.transform((said: string, { issues }): Record<string, string[]> => {
    const entries = said.split(',').map(readEntry);
    for (const message of issuesOfNames(entries.map(([name]) => name)))
      issues.push({ code: 'custom', message, input: said });
    return Object.fromEntries(entries);
  }),
);

/** Digests of the operators' tokens, in the form `<sha-256>+<sha-256>`: they allow commands and all reads. */
export const operatorDigests = z.pipe(
  text(
    /^[0-9a-f]{64}(\+[0-9a-f]{64})*$/,
    'the SHA-256 digests of the operator tokens, 64 hex digits each, joined by +',
  ),
  z.transform((said: string) => said.split('+')),
);
