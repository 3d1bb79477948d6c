import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Params } from './provider-states.ts';
import { root, textOf } from './sources.ts';

/** A rule of how a value is compared; without one it must be equal. */
type Matcher = { match: string; regex?: string; min?: number };
type Rules = Record<string, { matchers: Matcher[] }>;
type Body = { content: unknown };

type Common = { description: string; providerStates: { name: string; params?: Params }[] };

/** A question to the source API and what must be answered. */
export type HttpInteraction = Common & {
  type: 'Synchronous/HTTP';
  request: { method: string; path: string; headers: Record<string, string[]>; body?: Body };
  response: {
    status: number;
    headers?: Record<string, string[]>;
    body?: Body;
    matchingRules?: { body?: Rules; header?: Rules };
  };
};

/** A notification that wakes the consumer. */
export type MessageInteraction = Common & {
  type: 'Asynchronous/Messages';
  contents: Body;
  metadata: Record<string, unknown>;
  matchingRules?: { body?: Rules; metadata?: Rules };
};

/** What a consumer agreed on by running, as Pact wrote it (Pact Specification 4). */
export type PactFile = { interactions: (HttpInteraction | MessageInteraction)[] };

/** The committed pact of a consumer. Throws saying how to record one that isn't there. */
export function committedPact(consumer: string): PactFile {
  const file = join('test/contract/pacts', `${consumer}-publisher.json`);
  if (!existsSync(join(root, file))) throw new Error(`${consumer} has no ${file} yet: npm run pacts records it`);
  return JSON.parse(textOf(file));
}

/**
 * Where a value isn't what a pact promised: the field, and what each side says. Reads as much of Pact's rules as our
 * pacts use; more keys than were promised are no difference.
 */
export function differences(promised: unknown, actual: unknown, rules: Rules = {}, path = '$'): string[] {
  const matcher = matcherAt(rules, path);
  const differ = `${path}: promised ${JSON.stringify(promised)}${asText(matcher)}, answered ${JSON.stringify(actual)}`;
  if (Array.isArray(promised)) return Array.isArray(actual) ? inArray(promised, actual, rules, path) : [differ];
  if (isObject(promised))
    return isObject(actual)
      ? Object.entries(promised).flatMap(([key, value]) => differences(value, actual[key], rules, `${path}.${key}`))
      : [differ];
  return isAsPromised(promised, actual, matcher) ? [] : [differ];
}

function inArray(promised: unknown[], actual: unknown[], rules: Rules, path: string): string[] {
  const least = matcherAt(rules, path)?.min;
  if (least === undefined ? actual.length !== promised.length : actual.length < least)
    return [`${path}: promised ${promised.length} entries, answered ${actual.length}`];
  return actual.flatMap((each, n) => differences(promised[least === undefined ? n : 0], each, rules, `${path}[${n}]`));
}

function isAsPromised(promised: unknown, actual: unknown, matcher: Matcher | undefined): boolean {
  if (matcher === undefined) return promised === actual;
  const { match, regex = '' } = matcher;
  if (match === 'regex') return typeof actual === 'string' && new RegExp(regex).test(actual);
  if (match === 'integer') return Number.isInteger(actual);
  if (match === 'number') return typeof actual === 'number';
  if (match === 'boolean') return typeof actual === 'boolean';
  if (match === 'type') return typeof actual === typeof promised && actual !== null;
  throw new TypeError(`Pact's rule "${match}" is not read yet: add it to test/support/pact-file.ts`);
}

/** The rule of a path; `[*]` in a rule is any place. */
function matcherAt(rules: Rules, path: string): Matcher | undefined {
  const steps = stepsOf(path);
  const isHere = (rule: string[]) =>
    rule.length === steps.length && rule.every((each, n) => each === '[*]' || each === steps[n]);
  return Object.entries(rules).find(([rule]) => isHere(stepsOf(rule)))?.[1].matchers[0];
}

const stepsOf = (path: string) => path.split(/(?=[.[])/);

const asText = (matcher: Matcher | undefined) => (matcher === undefined ? '' : ` (${matcher.regex ?? matcher.match})`);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
