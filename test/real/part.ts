/** One part of `npm run test:real`: something of ours against something real. */
export type Part = {
  /** One word for `--only`; parts of one name run against different things. */
  part: string;
  /** With its version, where there is one. */
  against: string;
  /** Throws Missing if this machine can't run it. */
  run: (shared: Shared) => Promise<PartOutcome>;
};

/** What went wrong, in words; none is success. */
export type PartOutcome = {
  faults: string[];
  /** How many tests passed, where somebody counts. */
  tests?: number;
  note?: string;
};

/** Something real that runs for several parts. */
export type Service = { stop: () => Promise<void> };

/** Gives the service that this function starts: started by the first part that asks, stopped after the last part. */
export type Shared = <S extends Service>(start: () => Promise<S>) => Promise<S>;

/** What can't run here, and what it would need. */
export class Missing extends Error {
  override name = 'Missing';
}
