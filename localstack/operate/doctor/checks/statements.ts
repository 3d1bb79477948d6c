import type { PolicyStatement } from '../state.ts';

/** The account in an ARN. */
export const accountOf = (arn: string) => arn.split(':')[4] ?? '';

/** Services take the words in any case, with * and ? in them. */
export function isLike(pattern: string, text: string): boolean {
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i').test(text);
}

/** Whether a statement is about an action. Without NotAction it is about those that it names, with it about all others. */
export function isOf({ Action, NotAction }: PolicyStatement, action: string): boolean {
  if (NotAction !== undefined) return !many(NotAction).some((pattern) => isLike(pattern, action));
  return many(Action).some((pattern) => isLike(pattern, action));
}

/** Each condition of a statement, its key in small letters. */
export function conditionsIn({ Condition = {} }: PolicyStatement) {
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key: key.toLowerCase(), values: many(values) })),
  );
}

/** Who is meant, and where, in words. */
export function whoIn({ Sid, Principal, NotPrincipal, Condition }: PolicyStatement): string {
  const who = NotPrincipal === undefined ? named(Principal) : `everybody but ${named(NotPrincipal)}`;
  const where = Condition === undefined ? 'on no condition' : `if ${JSON.stringify(Condition)}`;
  return `${who} ${where}${Sid === undefined ? '' : ` (${Sid})`}`;
}

/** The principal as people call it. */
export function named(principal: PolicyStatement['Principal']): string {
  const who = typeof principal === 'string' ? principal : JSON.stringify(principal);
  return who === '*' || who === '{"AWS":"*"}' ? 'anybody' : (who ?? 'nobody');
}

/** Whether it refuses an action without TLS to everybody. */
export function refusesPlainText(statement: PolicyStatement, action: string): boolean {
  const { Effect, Principal, Condition = {} } = statement;
  const keys = Object.values(Condition).flatMap((each) => Object.entries(each));
  const isPlain =
    keys.length === 1 && keys.every(([key, value]) => /^aws:SecureTransport$/i.test(key) && String(value) === 'false');
  return Effect === 'Deny' && named(Principal) === 'anybody' && isOf(statement, action) && isPlain;
}

/** One or a list, as policies write it. */
export function many<Value>(value: Value | Value[] | undefined): Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
