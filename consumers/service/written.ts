import type { Observe } from '../runtime/queue/events.ts';
import { type Clock, isDoneWithin } from '../runtime/system.ts';
import type { ViewRow, ViewStore } from '../runtime/views/view-store.ts';

/**
 * Called with the rows of each commit: those that were written, tombstones too. Their rings are acknowledged after it,
 * or after five seconds. Each written row is told at most once: a process that dies after the commit tells nothing.
 */
export type OnWritten<View> = (rows: readonly ViewRow<View>[]) => unknown;

/** 5 s: a message is ours for 30 s, and a hook that hangs must not keep it. */
const PATIENCE = 5_000;

/** Wraps a store so that the hook hears of each commit. An error of the hook is an event, and stops nothing. */
export function tellingWritten<View>(
  store: ViewStore<View>,
  onWritten: OnWritten<View>,
  { clock, observe }: { clock: Clock; observe: Observe },
): ViewStore<View> {
  async function tell(rows: readonly ViewRow<View>[]): Promise<void> {
    const fail = (reason: string) => observe({ kind: 'hook-failed', reason, resources: rows.length });
    const told = (async () => onWritten(rows))().catch((error: unknown) => fail(String(error)));
    if (!(await isDoneWithin(clock, PATIENCE, told))) fail(`onWritten did not finish within ${PATIENCE} ms`);
  }

  const { refusal, count } = store;
  return {
    versions: (ids) => store.versions(ids),
    read: (ids) => store.read(ids),
    async write(rows) {
      const flags = await store.write(rows);
      const written = rows.filter((_, n) => flags[n]);
      if (written.length > 0) await tell(written);
      return flags;
    },
    scan: (after, limit) => store.scan(after, limit),
    query: (filter, after, limit) => store.query(filter, after, limit),
    probe: () => store.probe(),
    ...(count && { count: () => count.call(store) }),
    ...(store.revision !== undefined && { revision: store.revision }),
    ...(store.holds && { holds: store.holds }),
    ...(store.progress && { progress: store.progress }),
    ...(refusal && { refusal: (row: ViewRow<View>) => refusal.call(store, row) }),
  };
}
