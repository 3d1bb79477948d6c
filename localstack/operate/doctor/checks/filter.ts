import type { ConsumerCheckInput } from '../finding.ts';
import type { SubscriptionState } from '../state.ts';

type AgreedTypes = ConsumerCheckInput['place']['filterPolicy']['type'];

/**
 * Compares a filter with the agreed types: rings that it loses, and rings that it delivers in vain or may deliver.
 * Pure.
 */
export function compareFilter(policy: SubscriptionState['filterPolicy'], wanted: AgreedTypes) {
  if (policy === null) return { lost: [], needless: ['it has no filter: every type wakes the consumer'] };
  if ('$or' in policy) return { lost: [], needless: ["its filter has $or, which the doctor can't judge"] };
  const { type, ...others } = policy;
  const rules: unknown[] = Array.isArray(type) ? type : [];
  const types = wanted.filter((value) => typeof value === 'string');
  const missing = types.filter((name) => verdict(rules, name) === 'blocked');
  return {
    lost: [
      ...(type === undefined
        ? ['its filter does not name the type']
        : missing.map((name) => `its filter blocks ${name}`)),
      ...Object.keys(others).map((key) => `its filter also requires ${key}, which no ring has`),
    ],
    needless: type === undefined ? [] : needlessIn(rules, types),
  };
}

const NAMELESS = JSON.stringify({ exists: false });

function needlessIn(rules: unknown[], types: string[]): string[] {
  const names = [...new Set(rules.filter((rule) => typeof rule === 'string'))];
  const texts = rules.filter((rule) => typeof rule !== 'string').map((rule) => JSON.stringify(rule));
  return [
    ...types
      .filter((name) => verdict(rules, name) === 'unknown')
      .map((name) => `the doctor can't tell whether its filter lets ${name} through`),
    ...names
      .filter((name) => !types.includes(name))
      .map((name) => `its filter lets ${name} through, which is not in the agreement`),
    ...texts
      .filter((text) => text !== NAMELESS)
      .map((text) => `its filter has ${text}, which may let through types that are not in the agreement`),
    ...(texts.includes(NAMELESS) ? [] : ['its filter drops bodies without a type, so that nothing reports them']),
  ];
}

/** Judges a name by all rules: one rule that lets it through is enough. */
function verdict(rules: unknown[], name: string): 'let through' | 'blocked' | 'unknown' {
  const said = rules.map((rule) => letsThrough(rule, name));
  if (said.includes(true)) return 'let through';
  return said.includes(null) ? 'unknown' : 'blocked';
}

type Operator = (operand: unknown, name: string) => boolean | null;

/**
 * Operators of SNS for texts, without wildcards (Amazon SNS, "String value matching"). Numbers and addresses match no
 * name.
 */
const OPERATORS: Record<string, Operator> = {
  exists: (operand) => operand === true,
  prefix: (operand, name) => anyOf(operand, (text) => name.startsWith(text)),
  suffix: (operand, name) => anyOf(operand, (text) => name.endsWith(text)),
  'equals-ignore-case': (operand, name) => anyOf(operand, (text) => name.toLowerCase() === text.toLowerCase()),
  'anything-but': (operand, name) => {
    const isPattern = typeof operand === 'object' && !Array.isArray(operand);
    const matched = isPattern ? letsThrough(operand, name) : anyOf(operand, (text) => name === text);
    return matched === null ? null : !matched;
  },
  numeric: () => false,
  cidr: () => false,
};

/** Tells whether a rule of a filter matches a name; null if that is unknown. */
function letsThrough(rule: unknown, name: string): boolean | null {
  if (typeof rule !== 'object' || rule === null) return rule === name;
  const [[operator = '', operand] = [], ...more] = Object.entries(rule);
  return more.length > 0 ? null : (OPERATORS[operator]?.(operand, name) ?? null);
}

function anyOf(operand: unknown, matches: (text: string) => boolean): boolean {
  const operands: unknown[] = Array.isArray(operand) ? operand : [operand];
  return operands.some((each) => typeof each === 'string' && matches(each));
}
