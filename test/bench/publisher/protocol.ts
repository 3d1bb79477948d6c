import type { BrokerClient } from '../../../localstack/infrastructure/provision.ts';

/** What a subject is to do; times are in milliseconds. */
export type Task =
  /** So many clients write, each as fast as it can; for `warmUp` before the clock starts. */
  | { kind: 'write'; clients: number; warmUp: number; ms: number }
  /** So many clients change products of a service that knows no shops, and ring in the same transaction. */
  | { kind: 'ring'; clients: number; warmUp: number; ms: number }
  /** So many events wait in the database; the relay starts. `sink`: where rings go. */
  | { kind: 'drain'; events: number; sink: 'noop' | 'sns' }
  /** Writes at a steady pace, and the relay follows. */
  | { kind: 'follow'; perSecond: number; ms: number }
  /** Reads one shop as it was, at versions drawn at random. */
  | { kind: 'as-of'; reads: number };

/** One run of one subject. `stored`: events in the database before it begins; null for nothing but the shops. */
export type Run = { subject: string; task: Task; stored: number | null };

/** What the process of a subject is given. */
export type SubjectConfig = {
  subject: string;
  task: Task;
  databaseUrl: string;
  /** Null where nothing is published. */
  topic: { topicArn: string; client: BrokerClient } | null;
};

/** What a run showed. */
export type Result = {
  /** A second: writes, rings or reads. */
  throughput: number;
  /** Milliseconds a write or a read took; for `follow`, from commit to the relay. */
  latency_p50?: number;
  latency_p99?: number;
  /** Milliseconds from commit until SNS had accepted. */
  sns_p50?: number;
  sns_p99?: number;
  /** Transactions that wrote something, for each write: below 1, several shared one. */
  commits_per_write?: number;
  /** Events that waited: how long the backlog was. */
  backlog?: number;
  cpu_ms_per_1000: number;
  /** CPU of PostgreSQL's sessions: it depends less on other work of the machine than any throughput. */
  server_cpu_ms_per_1000?: number;
  rss_mb: number;
  /** Events that were not rung, writes that can't be seen, states that never were. */
  wrong: number;
};

/** What a subject's process says. */
export type SubjectReport = {
  kind: 'result';
  result: Result;
  /** Rings that the sink accepted, those that came twice included. */
  rung: number;
};
