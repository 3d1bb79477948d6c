/** One ring of a workload, before its version is known. */
export type Ring = { id: string; eventId: string };

/** What the broker process is told and what it says. */
export type BrokerOrder =
  | { do: 'preload'; rings: Ring[]; versions: number[] }
  | { do: 'live'; rings: Ring[]; depth: number; sourceUrl: string }
  | { do: 'steady'; rings: Ring[]; perSecond: number; sourceUrl: string }
  | { do: 'reset' };

export type BrokerReport =
  | { kind: 'ready'; address: string }
  | { kind: 'done-preload' }
  /** All were received and deleted: milliseconds from the first receive to the last delete. */
  | { kind: 'drained'; ms: number; calls: Record<string, number>; deleted: number }
  /** When each was published, by event id, in milliseconds of the machine's clock. */
  | { kind: 'published'; times: [string, number][] };

/** What the source process is told and what it says. */
export type SourceOrder =
  | { do: 'reset'; ids: string[]; bumps: Record<string, number>; slow: boolean }
  | { do: 'away' }
  | { do: 'back' }
  | { do: 'report' };

export type SourceReport =
  | { kind: 'ready'; url: string }
  | { kind: 'done' }
  | { kind: 'report'; requests: number; shops: number; versions: Record<string, number> };

/** How a subject runs. */
export type SubjectConfig = {
  subject: string;
  endpoint: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  sourceUrl: string;
  /** Path of a file for views that are kept on disk. */
  views: string;
  pollers: number;
  /** Milliseconds; Doorbell only. */
  window: number;
  /** Number of rings of the run. */
  rings: number;
};

export type SubjectOrder = { do: 'go' } | { do: 'sample' } | { do: 'stop' };

export type SubjectReport =
  | { kind: 'ready' }
  | { kind: 'sample'; rss: number }
  /** A subject without a queue has read all changes: milliseconds from the first one to the last view. */
  | { kind: 'drained'; ms: number; calls: Record<string, number>; deleted: number }
  | {
      kind: 'stopped';
      /** Microseconds, user and system, since `go`. */
      cpu: number;
      /** Bytes. */
      rss: number;
      versions: Record<string, number> | null;
      /** When each event was in the view, by event id, in milliseconds of the machine's clock. */
      viewed: [string, number][];
      dead: number;
    };
