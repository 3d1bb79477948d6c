import { BATCH_LIMIT } from '../../../contracts/wire/source-api.ts';

/**
 * How much may be asked of a source at once, learnt from its answers: additive increase, multiplicative decrease
 * (Chiu and Jain, 1989) of the looks under way; resources in a look double with each success.
 */
export type Limiter = {
  /** Looks that may be under way at once, at least 1. */
  looks: () => number;
  /** Resources that one look may ask for, at least 1. */
  resources: () => number;
  /** Milliseconds a look usually takes; 0 before the first. */
  usual: () => number;
  succeeded: (ms: number) => void;
  failed: () => void;
  /** Slow start: one look for one resource. */
  restart: () => void;
};

/** 8: as many as a source's pool has connections. */
export const MOST_LOOKS = 8;

/** A look this much slower than usual means that the source has too much to do. */
const SLOW = { factor: 3, milliseconds: 50 };

/** Begins in the middle: with four looks for a hundred resources. */
export function createLimiter({ looks: most = MOST_LOOKS, resources: mostResources = BATCH_LIMIT } = {}): Limiter {
  let looks = Math.min(4, most);
  let resources = mostResources;
  let usual = 0;

  return {
    looks: () => Math.floor(looks),
    resources: () => resources,
    usual: () => usual,
    succeeded(ms) {
      const isSlow = usual > 0 && ms > usual * SLOW.factor + SLOW.milliseconds;
      looks = isSlow ? Math.max(1, looks * 0.9) : Math.min(most, looks + 1 / looks);
      resources = Math.min(mostResources, resources * 2);
      // 0.1: ten looks make it believe that a source has become slower for good.
      usual = usual === 0 ? ms : usual + (ms - usual) * 0.1;
    },
    failed() {
      looks = Math.max(1, looks / 2);
      // A resource that fails every batch it is in fails alone next time, and harms no other.
      resources = 1;
    },
    restart() {
      looks = 1;
      resources = 1;
    },
  };
}
