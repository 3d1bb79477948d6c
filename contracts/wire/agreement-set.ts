import type { Agreement } from './agreement.ts';

/** The terms by which agreements are told apart. */
export type NamedTerms = Pick<Agreement, 'name'> & Partial<Pick<Agreement, 'version' | 'path'>>;

/**
 * Lists the conflicts of agreements, a sentence for each: two with one path, or two with one name and version. Two
 * versions of one name, each with its own path, are no conflict. Pure.
 */
export function conflictsOf(agreements: readonly NamedTerms[]): string[] {
  const conflicts: string[] = [];
  for (const [n, one] of agreements.entries())
    for (const other of agreements.slice(n + 1)) {
      const conflict = conflictOf(one, other);
      if (conflict !== null) conflicts.push(conflict);
    }
  return conflicts;
}

function conflictOf(one: NamedTerms, other: NamedTerms): string | null {
  if (one.version !== undefined && one.name === other.name && one.version === other.version)
    return `Two agreements are ${termsOf(one)}: give one of them another name, or a higher version and its own path.`;
  if (one.path !== undefined && one.path === other.path)
    return `The agreements ${termsOf(one)} and ${termsOf(other)} have one path, ${one.path}: give each its own.`;
  return null;
}

const termsOf = ({ name, version = 1 }: NamedTerms) => `${name}@${version}`;

/** Throws an Error with a line for each conflict of agreements. */
export function refuseConflicts(agreements: readonly NamedTerms[]): void {
  const conflicts = conflictsOf(agreements);
  if (conflicts.length > 0) throw new Error(conflicts.join('\n'));
}
