import { raiseEpoch, readAfter } from '../../publisher/relay/event-log.ts';
import { createPositionRelay, type RelayDeps } from '../../publisher/relay/position-relay.ts';

/** A relay, step by step. */
export type SteppedRelay = ReturnType<typeof createPositionRelay>;

/** Makes a relay for a suite that every relay must pass. */
export type MakeRelay = (deps: RelayDeps) => Promise<SteppedRelay>;

/** The relay of the publisher. */
export const positionRelay: MakeRelay = async (deps) =>
  createPositionRelay(deps, await raiseEpoch(deps.database, deps.name));

/** What one writes first: whatever is above the last id that was seen. It loses events, and the suite must show it. */
export const naiveRelay: MakeRelay = async ({ database, publish }) => {
  let last = 0;
  return {
    async step(signal) {
      const rings = await readAfter(database, last, 1_000);
      for (let n = 0; n < rings.length; n += 10) await publish(rings.slice(n, n + 10), signal);
      last = rings.at(-1)?.position ?? last;
      return rings.length === 0 ? 'idle' : 'delivered';
    },
  };
};
