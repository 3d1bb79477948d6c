import type { ConsumerCheckInput } from '../finding.ts';
import type { SubscriptionState } from '../state.ts';

type AgreedTypes = ConsumerCheckInput['place']['filterPolicy']['type'];

/** What a filter keeps away although it should come, and what it lets through for nothing or can't be said of it. Pure. */
export function compareFilter(policy: SubscriptionState['filterPolicy'], wanted: AgreedTypes) {
  if (policy === null) return { lost: [], needless: ['nothing is filtered: every type wakes it'] };
  if ('$or' in policy)
    return { lost: [], needless: ["its filter has $or: what that lets through or keeps away can't be said"] };
  const { type, ...others } = policy;
  const rules: unknown[] = Array.isArray(type) ? type : [];
  const types = wanted.filter((value) => typeof value === 'string');
  const missing = types.filter((name) => verdict(rules, name) === 'kept away');
  return {
    lost: [
      ...(type === undefined ? ['its filter has no type'] : missing.map((name) => `its filter keeps ${name} away`)),
      ...Object.keys(others).map((key) => `its filter asks for ${key}, too, which no ring has`),
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
      .map((name) => `whether its filter lets ${name} through can't be said`),
    ...names
      .filter((name) => !types.includes(name))
      .map((name) => `its filter lets ${name} through, which the agreement doesn't name`),
    ...texts
      .filter((text) => text !== NAMELESS)
      .map((text) => `its filter has ${text}: that may let through what the agreement doesn't name`),
    ...(texts.includes(NAMELESS) ? [] : ['a body without a type is dropped and nobody sees it']),
  ];
}

/** One rule that lets it through is enough. */
function verdict(rules: unknown[], name: string): 'let through' | 'kept away' | 'unknown' {
  const said = rules.map((rule) => letsThrough(rule, name));
  if (said.includes(true)) return 'let through';
  return said.includes(null) ? 'unknown' : 'kept away';
}

type Operator = (operand: unknown, name: string) => boolean | null;

/** Those that SNS has for texts, but for wildcards (Amazon SNS, "String value matching"); numbers and addresses match no name. */
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

/** Whether a rule of a filter matches a name; null where that can't be said. */
function letsThrough(rule: unknown, name: string): boolean | null {
  if (typeof rule !== 'object' || rule === null) return rule === name;
  const [[operator = '', operand] = [], ...more] = Object.entries(rule);
  return more.length > 0 ? null : (OPERATORS[operator]?.(operand, name) ?? null);
}

function anyOf(operand: unknown, matches: (text: string) => boolean): boolean {
  const operands: unknown[] = Array.isArray(operand) ? operand : [operand];
  return operands.some((each) => typeof each === 'string' && matches(each));
}
