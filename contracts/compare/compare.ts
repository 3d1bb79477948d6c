import { compareAgreements, pairAgreements } from './compare-agreements.ts';
import { compareApi } from './compare-apis.ts';
import { compareEventTypes, compareMessages, compareProblems } from './compare-terms.ts';
import type { Contracts, ReleaseTerms } from './contracts.ts';
import { type Difference, releaseBump } from './difference.ts';

/**
 * Compares the current contracts with those of the last release. It lists every difference, whether it breaks a user,
 * and which one. A difference in an agreement is allowed by a higher version of the agreement, every other difference
 * by one of Doorbell. Pure.
 */
export function compareContracts(before: Contracts, now: Contracts): Difference[] {
  const bump = releaseBump(before.terms.version, now.terms.version);
  const pairs = pairAgreements(before.terms.agreements, now.terms.agreements);
  const added = now.terms.agreements.filter((each) => !pairs.some((pair) => pair.now === each));
  const newPaths = added.map(({ path }) => path);
  const named = onlyOnce(before.terms, now.terms);
  return [
    ...compareAgreements(pairs, now.terms.agreements, bump),
    ...compareEventTypes(before.terms, now.terms, bump),
    ...compareProblems(before.terms, now.terms, bump),
    ...compareMessages(before, now, bump),
    ...compareDocuments(leaveOut(before, named), leaveOut(now, named), { pairs, newPaths, releaseBump: bump }),
  ];
}

function compareDocuments(before: Contracts, now: Contracts, terms: Parameters<typeof compareApi>[2]): Difference[] {
  const differences = Object.entries(before.apis).flatMap(([file, document]): Difference[] => {
    const fresh = now.apis[file];
    if (fresh !== undefined) return compareApi(document, fresh, terms);
    const who = `clients of ${document.info.title}`;
    const why = 'the API is no longer served';
    return [{ where: file, what: 'is gone', verdict: 'breaking', who, why, allowedBy: terms.releaseBump }];
  });
  const come = Object.keys(now.apis).filter((file) => before.apis[file] === undefined);
  return [...differences, ...come.map(newDocument)];
}

const newDocument = (file: string): Difference => {
  return {
    where: file,
    what: 'is new',
    verdict: 'compatible',
    who: 'none',
    why: 'it has no users yet',
    allowedBy: null,
  };
};

/**
 * Collects event types and problem codes that were added or removed. Each is reported once by its name, not for every
 * schema that lists it.
 */
function onlyOnce(before: ReleaseTerms, now: ReleaseTerms): Set<unknown> {
  const named = ({ eventTypes, problems }: ReleaseTerms) => new Set([...eventTypes, ...Object.keys(problems)]);
  return named(before).symmetricDifference(named(now));
}

function leaveOut({ apis, ...rest }: Contracts, values: Set<unknown>): Contracts {
  return { ...rest, apis: without(apis, values) as Contracts['apis'] };
}

/**
 * Copies a document without these values in its enumerations, and without the alternatives for a single one of them.
 */
function without(value: unknown, values: Set<unknown>, under = ''): unknown {
  if (Array.isArray(value)) return remaining(value, values, under).map((each) => without(each, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, without(each, values, key)]));
}

/**
 * Filters a list. Only lists of values or of alternatives are filtered, because a field may have the name of a value.
 */
function remaining(list: unknown[], values: Set<unknown>, under: string): unknown[] {
  if (under === 'enum') return list.filter((each) => !values.has(each));
  if (under === 'anyOf' || under === 'oneOf') return list.filter((each) => !standsFor(each, values));
  return list;
}

function standsFor(schema: unknown, values: Set<unknown>): boolean {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { const?: unknown }> };
  return Object.values(properties).some((each) => values.has(each?.const));
}
