import { Gauge, type Registry } from 'prom-client';
import { type Freshness, GOALS, WINDOWS, type Window } from './freshness.ts';

/** Adds the metrics of freshness, which are measured when they are asked for. NaN where something is not known. */
export function addFreshness(registry: Registry, { report }: Pick<Freshness, 'report'>): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: `doorbell_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge('behind_changes', 'Changes of the feed that are not in the views.', () => report().behind?.changes ?? NaN);
  gauge('behind_seconds', 'Age of the oldest change that is not in the views.', () => report().behind?.seconds ?? NaN);
  gauge(
    'feed_checked_seconds',
    'Seconds since the feed was read to its end. Missed changes since then are not known.',
    () => report().checkedSecondsAgo ?? NaN,
  );
  new Gauge({
    name: 'doorbell_visible_ratio',
    help: 'Share of the changes of a window that were in the views within 1, 10 or 60 seconds; NaN where it is not known.',
    labelNames: ['within', 'window'],
    registers: [registry],
    collect() {
      const { visible } = report();
      for (const window of Object.keys(WINDOWS) as Window[])
        for (const within of GOALS) this.set({ within, window }, visible[window]?.within[within] ?? NaN);
    },
  });
}
