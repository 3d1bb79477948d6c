import type { AgreementTerms } from './contracts.ts';
import type { Difference } from './difference.ts';
import { agreementRules, judge } from './rules.ts';
import { schemaChanges } from './schema-changes.ts';

/** A released agreement and its current counterpart: itself, or a later version. */
export type AgreementPair = {
  readonly before: AgreementTerms;
  readonly now: AgreementTerms | undefined;
  /** Raised version of the agreement, `display@1 → display@2`; null where it is the same. */
  readonly bump: string | null;
};

/** Names an agreement with its version: `display@1`. */
export const agreementId = ({ name, version }: Pick<AgreementTerms, 'name' | 'version'>) => `${name}@${version}`;

/**
 * Finds the current counterpart of each released agreement: the same version, else the next higher one that is not
 * released. Pure.
 */
export function pairAgreements(
  before: readonly AgreementTerms[],
  now: readonly AgreementTerms[],
): readonly AgreementPair[] {
  return before.map((old) => {
    const isReleased = (id: string) => before.some((each) => agreementId(each) === id);
    const later = now.filter((each) => {
      if (each.name !== old.name || each.version < old.version) return false;
      // A version that was released beside it is no successor: consumers of the old version did not move to it.
      return each.version === old.version || !isReleased(agreementId(each));
    });
    const [next] = later.toSorted((a, b) => a.version - b.version);
    const isRaised = next !== undefined && next.version > old.version;
    return { before: old, now: next, bump: isRaised ? `${agreementId(old)} → ${agreementId(next)}` : null };
  });
}

/** Lists the differences between agreements. `releaseBump` is the raised version that allows one to end. Pure. */
export function compareAgreements(
  pairs: readonly AgreementPair[],
  now: readonly AgreementTerms[],
  releaseBump: string | null,
): Difference[] {
  const known = new Set(pairs.map(({ now }) => now));
  return [
    ...pairs.flatMap((pair) => comparePair(pair, releaseBump)),
    ...now.filter((each) => !known.has(each)).map(isNew),
  ];
}

function comparePair({ before, now, bump }: AgreementPair, releaseBump: string | null): Difference[] {
  const place = agreementId(before);
  const said = { who: before.name, where: place };
  if (now === undefined)
    return [breaking({ ...said, what: 'is gone', why: 'its source API answers 404', allowedBy: releaseBump })];
  const changes = schemaChanges(
    { schema: before.resource, root: before.resource },
    { schema: now.resource, root: now.resource },
  );
  return [
    ...(before.path === now.path ? [] : [moved({ before, now, allowedBy: bump })]),
    ...compareTypes(before, now).map((each) => ({ ...each, allowedBy: each.verdict === 'breaking' ? bump : null })),
    ...changes.map((change) => judge(change, agreementRules, { place, who: before.name, allowedBy: bump })),
  ];
}

function moved({
  before,
  now,
  allowedBy,
}: {
  before: AgreementTerms;
  now: AgreementTerms;
  allowedBy: string | null;
}): Difference {
  const what = `is served at ${now.path}, not at ${before.path}`;
  return breaking({ where: agreementId(before), what, who: before.name, why: 'it calls the old path', allowedBy });
}

function compareTypes(before: AgreementTerms, now: AgreementTerms): Difference[] {
  const said = { where: `${agreementId(before)} wakesOn`, who: before.name, allowedBy: null };
  const gone = before.wakesOn.filter((type) => !now.wakesOn.includes(type));
  const come = now.wakesOn.filter((type) => !before.wakesOn.includes(type));
  return [
    ...gone.map((type) =>
      breaking({ ...said, what: `${type} no longer wakes it`, why: 'it gets no ring for such a change' }),
    ),
    ...come.map((type): Difference => {
      return { ...said, what: `${type} wakes it, too`, verdict: 'compatible', why: 'it looks, whatever the type' };
    }),
  ];
}

const breaking = (said: Omit<Difference, 'verdict'>): Difference => ({ ...said, verdict: 'breaking' });

function isNew(agreement: AgreementTerms): Difference {
  const where = agreementId(agreement);
  return {
    where,
    what: 'is new',
    verdict: 'compatible',
    who: agreement.name,
    why: 'it has no users yet',
    allowedBy: null,
  };
}
