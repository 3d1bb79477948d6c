import { display, type StorefrontCard } from '../../../../consumers/display/consumer.ts';
import { displayPart } from '../../../../consumers/display/part.ts';
import type { Progress } from '../../../../consumers/runtime/feed/progress.ts';
import { createSourceClient } from '../../../../consumers/runtime/source/client.ts';
import { undiciHttp } from '../../../../consumers/runtime/source/undici-http.ts';
import { systemClock } from '../../../../consumers/runtime/system.ts';
import { startWorker } from '../../../../consumers/runtime/worker.ts';
import { openSqliteViewStore } from '../../../../consumers/stores/sqlite/store.ts';
import { clockMs } from '../../clock.ts';
import type { Context, Subject } from '../subject.ts';

/** The real runtime without a queue: it follows the feed of its source from the first change on. */
export async function start({ sourceUrl, views, viewed, drained, rings }: Context): Promise<Subject> {
  const store = openSqliteViewStore<StorefrontCard>(views, displayPart.indexes);
  const source = createSourceClient(display.agreement, { url: sourceUrl, clock: systemClock, http: undiciHttp });
  await store.progress.lease('bench', 1_000);
  const begun: Progress = { cursor: '0', late: [] };
  await store.progress.keep('bench', 1_000, JSON.stringify(begun));
  await store.progress.release('bench');
  const began = clockMs();
  let [read, dead] = [0, 0];
  /** The version of each view; every shop of the source begins with 1. */
  const seen = new Map<string, number>();
  // One look may show several changes of a shop.
  function tellViewed(id: string, version: number): void {
    for (let from = seen.get(id) ?? 1; from < version; from++) viewed(`shop ${id}`);
    seen.set(id, Math.max(version, seen.get(id) ?? 1));
  }
  const worker = startWorker({
    consumer: display,
    queue: 'feed',
    source,
    feed: source,
    store,
    clock: systemClock,
    observe(event) {
      if (event.kind === 'settled') tellViewed(event.ring.id, event.version ?? 0);
      if (event.kind === 'buried') dead++;
      if (event.kind !== 'followed') return;
      read += event.changes;
      if (read === rings) drained(clockMs() - began);
    },
  });
  return {
    async versions() {
      const versions: Record<string, number> = {};
      for (let page = await store.scanVersions('', 5_000); page.length > 0; ) {
        for (const { id, version } of page) versions[id] = version;
        page = await store.scanVersions(page.at(-1)?.id ?? '', 5_000);
      }
      return versions;
    },
    dead: () => dead,
    async stop() {
      await worker.stop();
      await source.close();
      store.close();
    },
  };
}
