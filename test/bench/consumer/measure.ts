import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Child, startChild } from '../children.ts';
import { clockMs, percentile } from '../clock.ts';
import type {
  BrokerOrder,
  BrokerReport,
  Ring,
  SourceOrder,
  SourceReport,
  SubjectConfig,
  SubjectOrder,
  SubjectReport,
} from './protocol.ts';

/** Broker and source, which all subjects share; each run begins with both emptied. */
export type Stage = {
  broker: Child<BrokerOrder, BrokerReport>;
  source: Child<SourceOrder, SourceReport>;
  endpoint: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  sourceUrl: string;
  stop: () => Promise<void>;
};

/** What one run showed. */
export type Result = {
  /** Rings a second, from the first receive to the last delete. */
  throughput: number;
  fetches_per_notification: number;
  shops_fetched_per_notification: number;
  sqs_calls_per_notification: number;
  cpu_ms_per_1000: number;
  rss_mb: number;
  latency_p50?: number;
  latency_p99?: number;
  /** Milliseconds from the source's return until the queue was empty. */
  recovery_ms?: number;
  dead: number;
  /** Views that are not what the source has; null for a subject without views. */
  wrong: number | null;
};

/** Which rings, and how they come. */
export type Run = {
  subject: string;
  pollers: number;
  window?: number;
  rings: Ring[];
  how: 'preload' | 'live' | 'steady';
  slow?: boolean;
  /** Whether its memory is told every two seconds. */
  sampled?: boolean;
  /** Milliseconds the source is away, in the middle of the burst. */
  away?: number;
};

/** The subject that has no queue: it says itself when all changes are in its views. */
const BY_FEED = 'doorbell-feed';

/** Starts broker and source. */
export async function openStage(): Promise<Stage> {
  const broker = startChild<BrokerOrder, BrokerReport>(new URL('./broker.ts', import.meta.url));
  const source = startChild<SourceOrder, SourceReport>(new URL('./source.ts', import.meta.url));
  const { address: endpoint } = await broker.next('ready');
  const { url: sourceUrl } = await source.next('ready');
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials });
  const create = async (QueueName: string) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '30' } }))).QueueUrl ?? '';
  const queueUrl = await create('bench');
  const deadLetterQueueUrl = await create('bench-dead');
  sqs.destroy();
  const stop = async () => {
    await Promise.all([broker.stop(), source.stop()]);
  };
  return { broker, source, endpoint, queueUrl, deadLetterQueueUrl, sourceUrl, stop };
}

/** Runs one subject through one workload; what samples its memory tells it when the run is over. */
export async function measure(stage: Stage, run: Run): Promise<Result> {
  const { broker, source } = stage;
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-bench-'));
  await resetStage(stage, run);
  const { subject: name, pollers, window = 0 } = run;
  const { endpoint, queueUrl, deadLetterQueueUrl, sourceUrl } = stage;
  const config: SubjectConfig = {
    ...{ subject: name, endpoint, queueUrl, deadLetterQueueUrl, sourceUrl, pollers, window },
    rings: run.rings.length,
    views: join(folder, 'views.db'),
  };
  const subject = startChild<SubjectOrder, SubjectReport>(new URL('./subject.ts', import.meta.url), [
    JSON.stringify(config),
  ]);
  try {
    await subject.next('ready');
    subject.tell({ do: 'go' });
    if (run.how === 'live') broker.tell({ do: 'live', rings: run.rings, depth: 1_500, sourceUrl });
    if (run.how === 'steady') {
      // A peer that is just starting up is no peer.
      await wait(1_000);
      broker.tell({ do: 'steady', rings: run.rings, perSecond: 200, sourceUrl });
    }
    const sampling = run.sampled ? sample(subject) : null;
    if (run.away !== undefined) await goAway(stage, run.away);
    const back = clockMs();
    const drained = await (run.subject === BY_FEED ? subject.next('drained') : broker.next('drained'));
    const recovery = run.away === undefined ? {} : { recovery_ms: clockMs() - back };
    const published = run.how === 'steady' ? (await broker.next('published')).times : [];
    sampling?.stop();
    subject.tell({ do: 'stop' });
    const stopped = await subject.next('stopped');
    source.tell({ do: 'report' });
    return { ...resultOf(run, drained, stopped, await source.next('report'), published), ...recovery };
  } finally {
    await subject.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function resetStage({ broker, source }: Stage, { rings, how, slow = false }: Run): Promise<void> {
  broker.tell({ do: 'reset' });
  await broker.next('done-preload');
  const ids = [...new Set(rings.map(({ id }) => id))];
  const bumps: Record<string, number> = {};
  const versions = rings.map(({ id }) => {
    bumps[id] = (bumps[id] ?? 0) + 1;
    return 1 + bumps[id];
  });
  source.tell({ do: 'reset', ids, bumps: how === 'preload' ? bumps : {}, slow });
  await source.next('done');
  if (how !== 'preload') return;
  broker.tell({ do: 'preload', rings, versions });
  await broker.next('done-preload');
}

async function goAway({ source }: Stage, ms: number): Promise<void> {
  await wait(300);
  source.tell({ do: 'away' });
  await source.next('done');
  await wait(ms);
  source.tell({ do: 'back' });
  await source.next('done');
}

function sample(subject: Child<SubjectOrder, SubjectReport>): { stop: () => void } {
  const stopping = new AbortController();
  const samples: number[] = [];
  const ask = async () => {
    while (!stopping.signal.aborted) {
      subject.tell({ do: 'sample' });
      samples.push((await subject.next('sample')).rss / 2 ** 20);
      await wait(2_000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  ask().catch(() => undefined);
  return {
    stop() {
      stopping.abort();
      process.stderr.write(`RSS every 2 s, MB: ${samples.map(Math.round).join(' ')} … `);
    },
  };
}

function resultOf(
  { rings }: Run,
  { ms, calls, deleted }: (BrokerReport | SubjectReport) & { kind: 'drained' },
  { cpu, rss, versions, viewed, dead }: SubjectReport & { kind: 'stopped' },
  source: SourceReport & { kind: 'report' },
  published: [string, number][],
): Result {
  const sqs = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const wrong = versions && Object.entries(source.versions).filter(([id, version]) => versions[id] !== version).length;
  return {
    throughput: deleted / (ms / 1_000),
    fetches_per_notification: source.requests / rings.length,
    shops_fetched_per_notification: source.shops / rings.length,
    sqs_calls_per_notification: sqs / rings.length,
    cpu_ms_per_1000: cpu / rings.length,
    rss_mb: rss / 2 ** 20,
    ...latencies(rings, published, viewed),
    dead,
    wrong,
  };
}

/** A subject that can't see event ids tells of shops: its views are taken in the order of their rings. */
function latencies(rings: Ring[], published: [string, number][], viewed: [string, number][]) {
  if (published.length === 0 || viewed.length === 0) return {};
  const byEvent = new Map(published);
  const byShop = Map.groupBy(rings, ({ id }) => `shop ${id}`);
  const took = viewed.flatMap(([key, at]) => {
    const start = byEvent.get(key) ?? byEvent.get(byShop.get(key)?.shift()?.eventId ?? '');
    return start === undefined ? [] : at - start;
  });
  return { latency_p50: percentile(took, 0.5), latency_p99: percentile(took, 0.99) };
}
