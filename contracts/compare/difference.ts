/** Tells whether every reader of the contracts can go on as before. */
export type Verdict = 'compatible' | 'breaking';

/** One difference between the contracts of the last release and those of now. */
export type Difference = {
  /** `display@1 menu[].price`, `POST /shops body name`. */
  readonly where: string;
  readonly what: string;
  readonly verdict: Verdict;
  /** The side that breaks, or would have to know. */
  readonly who: string;
  readonly why: string;
  /** The raised version that allows it: `display@1 → display@2`. Null if nothing does, and for what is compatible. */
  readonly allowedBy: string | null;
};

/** The breaking differences that no raised version allows. */
export function unallowed(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ verdict, allowedBy }) => verdict === 'breaking' && allowedBy === null);
}

/**
 * The raised version of Doorbell that allows what no agreement covers: a new major one, or a new minor one below 1.0.0
 * (Semantic Versioning 2.0.0, 4). Null if it was not raised so far.
 */
export function releaseBump(before: string, now: string): string | null {
  const [[major, minor], [newMajor, newMinor]] = [numbers(before), numbers(now)];
  const isRaised = newMajor > major || (major === 0 && newMajor === 0 && newMinor > minor);
  return isRaised ? `Doorbell ${before} → ${now}` : null;
}

function numbers(version: string): [major: number, minor: number] {
  const [major, minor] = version.split('.').map(Number);
  return [major ?? 0, minor ?? 0];
}
