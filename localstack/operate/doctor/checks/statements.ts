import type { PolicyStatement } from '../state.ts';

/** Returns the account of an ARN. */
export const accountOf = (arn: string) => arn.split(':')[4] ?? '';

/** Tells whether a pattern of a policy matches a text: case does not count, and * and ? are wildcards. */
export function isLike(pattern: string, text: string): boolean {
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i').test(text);
}

/** Tells whether a statement covers an action. NotAction means every action that it does not name. */
export function isOf({ Action, NotAction }: PolicyStatement, action: string): boolean {
  if (NotAction !== undefined) return !many(NotAction).some((pattern) => isLike(pattern, action));
  return many(Action).some((pattern) => isLike(pattern, action));
}

/** Lists the conditions of a statement, with keys in lower case. */
export function conditionsIn({ Condition = {} }: PolicyStatement) {
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key: key.toLowerCase(), values: many(values) })),
  );
}

/** Describes the principal and the conditions of a statement for people. */
export function whoIn({ Sid, Principal, NotPrincipal, Condition }: PolicyStatement): string {
  const who = NotPrincipal === undefined ? named(Principal) : `everyone except ${named(NotPrincipal)}`;
  const where = Condition === undefined ? 'without a condition' : `if ${JSON.stringify(Condition)}`;
  return `${who} ${where}${Sid === undefined ? '' : ` (${Sid})`}`;
}

/** The name of the principal `*` in findings. */
export const ANYONE = 'anyone';

/** Names a principal for people. */
export function named(principal: PolicyStatement['Principal']): string {
  const who = typeof principal === 'string' ? principal : JSON.stringify(principal);
  return who === '*' || who === '{"AWS":"*"}' ? ANYONE : (who ?? 'no principal');
}

/** Tells whether a statement refuses an action without TLS, for every principal. */
export function refusesPlainText(statement: PolicyStatement, action: string): boolean {
  const { Effect, Principal, Condition = {} } = statement;
  const keys = Object.values(Condition).flatMap((each) => Object.entries(each));
  const isPlain =
    keys.length === 1 && keys.every(([key, value]) => /^aws:SecureTransport$/i.test(key) && String(value) === 'false');
  return Effect === 'Deny' && named(Principal) === ANYONE && isOf(statement, action) && isPlain;
}

/** Returns a list: policies write one value or a list. */
export function many<Value>(value: Value | Value[] | undefined): Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
