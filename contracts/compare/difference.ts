/** Result for users of the contracts: `compatible` if all of them can go on as before. */
export type Verdict = 'compatible' | 'breaking';

/** One difference between the contracts of the last release and those of now. */
export type Difference = {
  /** Place of the difference: `display@1 menu[].price`, `POST /shops body name`. */
  readonly where: string;
  readonly what: string;
  readonly verdict: Verdict;
  /** Users that break, or that should know. */
  readonly who: string;
  readonly why: string;
  /**
   * The raised version that allows it: `display@1 → display@2`. Null if nothing allows it, and for a compatible
   * difference.
   */
  readonly allowedBy: string | null;
};

/** Filters the breaking differences that no raised version allows. */
export function unallowed(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ verdict, allowedBy }) => verdict === 'breaking' && allowedBy === null);
}

/**
 * Returns the raised version of Doorbell that allows differences outside agreements: a new major one, or a new minor
 * one below 1.0.0 (Semantic Versioning 2.0.0, 4). Null if it was not raised.
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
