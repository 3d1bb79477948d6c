import { compareAgreements, pairAgreements } from './compare-agreements.ts';
import { compareApi } from './compare-apis.ts';
import { compareEventTypes, compareMessages, compareProblems } from './compare-terms.ts';
import type { Contracts, ReleaseTerms } from './contracts.ts';
import { type Difference, releaseBump } from './difference.ts';

/**
 * Compares the contracts of now with those of the last release: every difference, whether it breaks somebody, and whom.
 * What an agreement says is allowed by a higher version of the agreement, everything else by one of Doorbell. Pure.
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
    const why = 'nobody answers them any more';
    return [{ where: file, what: 'is gone', verdict: 'breaking', who, why, allowedBy: terms.releaseBump }];
  });
  const come = Object.keys(now.apis).filter((file) => before.apis[file] === undefined);
  return [...differences, ...come.map(newDocument)];
}

const newDocument = (file: string): Difference => {
  return { where: file, what: 'is new', verdict: 'compatible', who: 'nobody', why: 'nobody used it', allowedBy: null };
};

/** Event types and problem codes that came or went: each is said once by its name, not again wherever a schema lists it. */
function onlyOnce(before: ReleaseTerms, now: ReleaseTerms): Set<unknown> {
  const named = ({ eventTypes, problems }: ReleaseTerms) => new Set([...eventTypes, ...Object.keys(problems)]);
  return named(before).symmetricDifference(named(now));
}

function leaveOut({ apis, ...rest }: Contracts, values: Set<unknown>): Contracts {
  return { ...rest, apis: without(apis, values) as Contracts['apis'] };
}

/** A document without these values in its enumerations, and without the alternatives that stand for one of them. */
function without(value: unknown, values: Set<unknown>, under = ''): unknown {
  if (Array.isArray(value)) return remaining(value, values, under).map((each) => without(each, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, without(each, values, key)]));
}

/** A field may be called as a value is: only where a list is one of values, or of alternatives, is anything left out. */
function remaining(list: unknown[], values: Set<unknown>, under: string): unknown[] {
  if (under === 'enum') return list.filter((each) => !values.has(each));
  if (under === 'anyOf' || under === 'oneOf') return list.filter((each) => !standsFor(each, values));
  return list;
}

function standsFor(schema: unknown, values: Set<unknown>): boolean {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { const?: unknown }> };
  return Object.values(properties).some((each) => values.has(each?.const));
}
