import { drawRings, realShops } from '../shops.ts';
import type { Run } from './measure.ts';

/** Who is measured, by the name of their file; `raw` and `raw-http` fetch nothing. */
export const subjects = [
  'doorbell',
  'raw-http',
  'raw',
  'sqs-consumer-batch',
  'hand-written',
  'sqs-consumer',
  'message-queue-toolkit',
] as const;

const ids = [...realShops().keys()];
const all = (make: (subject: string) => Run) => (names: readonly string[]) =>
  names.map((subject) => ({ subject, run: make(subject) }));
const fetching = subjects.filter((name) => !name.startsWith('raw'));

/** 10: what peers need to keep up with a burst. */
const TEN = 10;

const burst = drawRings(ids, 20_000, 'zipf');
const uniform = drawRings(ids, 20_000, 'uniform');
const steady = drawRings(ids, 3_000, 'zipf');
const million = drawRings(ids, 1_000_000, 'zipf');

/** Doorbell chooses its pollers itself; peers run once with one and once with ten. */
function steadily(subject: string): { subject: string; run: Run }[] {
  const run: Run = { subject, pollers: TEN, rings: steady, how: 'steady' };
  if (subject !== 'doorbell')
    return [1, TEN].map((pollers) => ({ subject: `${subject}-${pollers}`, run: { ...run, pollers } }));
  return [
    { subject, run },
    { subject: 'doorbell-window-25', run: { ...run, window: 25 } },
  ];
}

/** The same rings by SQS and by the feed alone. */
const byFeed = (rings: Run['rings'], how: Run['how']) =>
  ['doorbell', 'doorbell-feed', 'raw-http'].flatMap((subject) =>
    how === 'steady' && subject === 'raw-http' ? [] : { subject, run: { subject, pollers: TEN, rings, how } },
  );

/** Every workload by its name; `--workload` chooses. */
export const workloads: Record<string, { subject: string; run: Run }[]> = {
  burst: all((subject) => ({ subject, pollers: TEN, rings: burst, how: 'preload' }))(subjects),
  live: all((subject) => ({ subject, pollers: TEN, rings: burst, how: 'live' }))(fetching),
  uniform: all((subject) => ({ subject, pollers: TEN, rings: uniform, how: 'preload' }))(subjects),
  steady: fetching.flatMap(steadily),
  'slow-source': all((subject) => ({ subject, pollers: TEN, rings: burst, how: 'preload', slow: true }))(fetching),
  recovery: [
    { subject: 'doorbell', run: { subject: 'doorbell', pollers: TEN, rings: burst, how: 'preload', away: 60_000 } },
    { subject: 'doorbell-undisturbed', run: { subject: 'doorbell', pollers: TEN, rings: burst, how: 'preload' } },
  ],
  'burst-long': all((subject) => ({ subject, pollers: TEN, rings: drawRings(ids, 200_000, 'zipf'), how: 'preload' }))(
    subjects,
  ),
  feed: byFeed(burst, 'preload'),
  'feed-uniform': byFeed(uniform, 'preload'),
  'feed-steady': byFeed(steady, 'steady'),
  soak: all((subject) => ({ subject, pollers: TEN, rings: million, how: 'live', sampled: true }))(['doorbell']),
};
