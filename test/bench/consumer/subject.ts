import { clockMs } from '../clock.ts';
import type { SubjectConfig, SubjectOrder, SubjectReport } from './protocol.ts';

/** What a subject is given besides its configuration. */
export type Context = SubjectConfig & {
  /** The view of this event's shop is as new as the event. */
  viewed: (eventId: string | undefined) => void;
  /** All changes are in the views; for a subject without a queue, of which the broker can't tell. */
  drained: (ms: number) => void;
  /** Puts a view into memory if it is newer: what peers keep, who bring no store. */
  put: (id: string, version: number) => void;
};

/** A consumer that runs. `versions` of its own views, if they are not those of `put`. */
export type Subject = {
  stop: () => Promise<unknown>;
  versions?: () => Promise<Record<string, number>>;
  dead?: () => number;
};

const config = JSON.parse(process.argv[2] ?? '{}') as SubjectConfig;
const { start } = (await import(`./subjects/${config.subject}.ts`)) as {
  start: (context: Context) => Promise<Subject>;
};

const times: [string, number][] = [];
const versions: Record<string, number> = {};
const context: Context = {
  ...config,
  viewed(eventId) {
    if (eventId !== undefined && times.length < 100_000) times.push([eventId, clockMs()]);
  },
  drained: (ms) => void say({ kind: 'drained', ms, calls: {}, deleted: config.rings }),
  put(id, version) {
    if (version > (versions[id] ?? 0)) versions[id] = version;
  },
};

const say = (report: SubjectReport) => new Promise<void>((resolve) => void process.send?.(report, () => resolve()));
let running: Subject | null = null;
let cpu = process.cpuUsage();

process.on('message', async (order: SubjectOrder) => {
  if (order.do === 'sample') await say({ kind: 'sample', rss: process.memoryUsage.rss() });
  if (order.do === 'go') {
    cpu = process.cpuUsage();
    running = await start(context);
  }
  if (order.do === 'stop') {
    const used = process.cpuUsage(cpu);
    const rss = process.memoryUsage.rss();
    const own = await running?.versions?.();
    await say({
      kind: 'stopped',
      cpu: used.user + used.system,
      rss,
      versions: own ?? (config.subject.startsWith('raw') ? null : versions),
      viewed: times,
      dead: running?.dead?.() ?? 0,
    });
    await running?.stop();
    process.exit(0);
  }
});

await say({ kind: 'ready' });
