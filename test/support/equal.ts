import { parts } from '../../consumers/all.ts';
import { createSourceClient } from '../../consumers/runtime/source/client.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { readSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { type ContentsReport, verifyConsumer } from '../../localstack/operate/verify/verify-consumer.ts';
import { until } from './wait.ts';

/** Where the views of a consumer are, and what they should be like. */
export type Compared = { name: string; views: string; sourceUrl: string; token: string };

/** How the views of a consumer compare with their source now, as `doorbell verify` sees it. */
export async function compareViews({ name, views, sourceUrl, token }: Compared): Promise<ContentsReport> {
  const consumer = parts.map((part) => part.consumer).find(({ agreement }) => agreement.name === name);
  if (consumer === undefined) throw new Error(`there is no consumer ${name}`);
  const source = createSourceClient(consumer.agreement, { url: sourceUrl, token, clock: systemClock });
  const store = readSqliteViewStore<unknown>(views);
  try {
    const signal = AbortSignal.timeout(60_000);
    return await verifyConsumer({ consumer, source, store, pause: async () => {}, signal });
  } finally {
    await source.close();
    store.close();
  }
}

/** Waits until all views of a consumer are as their source, and gives back how many there are. */
export async function untilEqual(compared: Compared): Promise<{ shops: number; tombstones: number }> {
  const { shops, tombstones } = await until(async () => {
    const report = await compareViews(compared);
    return report.different + report.failed === 0 && report;
  });
  return { shops, tombstones };
}
