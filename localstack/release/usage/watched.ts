import { parts } from '../../../consumers/all.ts';
import { agreementId } from '../../../contracts/compare/compare-agreements.ts';
import type { Database } from '../../../publisher/postgres/database.ts';
import { foldEvents } from '../../../publisher/shops/rebuild/fold-events.ts';
import { sources } from '../../../publisher/shops/sources/all.ts';
import { measureUsage, type Usage, type Watched } from './measure.ts';

/** Returns every consumer with its source. */
export function allWatched(): Watched[] {
  return parts.map(({ consumer }) => {
    const id = agreementId(consumer.agreement);
    const source = sources.find(({ agreement }) => agreementId(agreement) === id);
    if (source === undefined) throw new Error(`${id} has no source: add it to publisher/shops/sources/all.ts`);
    return { consumer, source };
  });
}

/** Measures the use of agreements over all events of a store. Runs in one `repeatable read` transaction. */
export async function usageOf(database: Database, watched: readonly Watched[], signal: AbortSignal): Promise<Usage[]> {
  const measures = watched.map(measureUsage);
  for await (const states of foldEvents(database)) {
    signal.throwIfAborted();
    for (const state of states) for (const measure of measures) measure.add(state);
  }
  return measures.map((measure) => measure.usage());
}
