import type { Clock } from '../runtime/system.ts';

/** A secret that was read once, and is read again when it is refused. */
export type RenewableSecret = {
  value: () => string;
  /** Reads the secret again. True if it differs from `refused` now. Rejects when it can't be read. */
  renew: (refused: string) => Promise<boolean>;
};

/** 30 s: a secret that was confirmed so recently is not read again for each refusal, to spare Secrets Manager. */
const CONFIRMED = 30_000;

/** Reads a secret for the first time. */
export async function openSecret(read: () => Promise<string>, clock: Pick<Clock, 'now'>): Promise<RenewableSecret> {
  let value = await read();
  let confirmedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | null = null;

  async function readAgain(): Promise<void> {
    value = await read();
    confirmedAt = clock.now();
  }

  return {
    value: () => value,
    async renew(refused) {
      if (value !== refused) return true;
      if (Math.abs(clock.now() - confirmedAt) < CONFIRMED) return false;
      underWay ??= readAgain().finally(() => {
        underWay = null;
      });
      await underWay;
      return value !== refused;
    },
  };
}
