import type { Ring } from './ring.ts';

/**
 * Position that a relay has reached, with the epoch that lets it move. `catchingUp`: events above it must be rung from
 * the table, because a new slot of the log relay does not have them.
 */
export type Checkpoint = { position: number; epoch: number; catchingUp: boolean };

/** 10,000 changes in one call of `prune`: they take 35 to 60 ms, which a ring can wait. */
export const PRUNED_AT_ONCE = 10_000;

/**
 * A change log as a relay sees it, on one session of the database. The shops' event table and the outbox are behind it
 * (`tableLog`). Positions grow, and one that is drawn earlier may become visible later.
 */
export type EventLog = {
  /** Reads the rings of changes above a position, oldest first, at most `limit`. No data of the resource is read. */
  readAfter: (position: number, limit: number) => Promise<Ring[]>;
  /** Reads the transactions that may have drawn a position and not committed yet. */
  writers: () => Promise<Set<string>>;
  /** Reads the highest position, or 0. */
  last: () => Promise<number>;
  /** Counts which of these positions are visible. */
  countVisible: (positions: readonly number[]) => Promise<number>;
  /** Seconds since the oldest change above the checkpoint, which is not rung yet; 0 if there is none. */
  oldestWaiting: (checkpoint: string) => Promise<number>;
  /** Takes over a checkpoint by raising its epoch: older epochs are refused from now on. */
  raiseEpoch: (checkpoint: string) => Promise<Checkpoint>;
  /** Moves a checkpoint. False if another leader has taken over or moved it. */
  moveCheckpoint: (checkpoint: string, from: Checkpoint, to: number) => Promise<boolean>;
  /** Stores whether changes above the position must be rung from the table. An old epoch changes nothing. */
  markCatchingUp: (checkpoint: string, from: Checkpoint, isCatchingUp: boolean) => Promise<void>;
  /** Stores a ring that the broker refuses for good. */
  park: (ring: Ring, reason: string) => Promise<void>;
  /** Takes the leader's lock, which this session holds until it ends. False if another session has it. */
  lead: () => Promise<boolean>;
  /** Makes this session hear of commits by a notification of PostgreSQL, where processes send one. */
  listen: () => Promise<void>;
  /**
   * Removes old changes that every relay has passed, at most `PRUNED_AT_ONCE`, and returns their number. Missing where
   * nothing is removed.
   */
  prune?: () => Promise<number>;
  /** Replication slot of the log relay. */
  replication: Replication;
  /** What a person is told where the log does not fit its checkpoint, or its publication leaves something out. */
  remedies: Remedies;
};

/** A replication slot. `bytes` of the log are kept for it; `status` is the `wal_status` of PostgreSQL. */
export type Slot = { name: string; active: boolean; status: string; bytes: number };

/** The replication slot of a change log, and the publication that it reads. */
export type Replication = {
  publication: string;
  /** Columns of the publication for the parts of a ring. */
  columns: RingColumns;
  /** True if the publication leaves nothing out. */
  isPublished: () => Promise<boolean>;
  /** Names the slot: the same name for each process on this change log, and on no other. */
  name: () => Promise<string>;
  read: (slot: string) => Promise<Slot | null>;
  create: (slot: string) => Promise<void>;
  drop: (slot: string) => Promise<void>;
  /** Drops a slot that no session reads, with the rights of the schema's owner. */
  dropUnused: (slot: string) => Promise<void>;
  /** End of the log now: every commit that is visible ends at or before it. */
  endOfLog: () => Promise<bigint>;
};

/** Columns of a change log's table that make up a ring. */
export type RingColumns = Record<'position' | 'id' | 'type' | 'version' | 'eventId' | 'occurredAt', string>;

/** Sentences for a person, which name the tables of this change log. */
export type Remedies = {
  /** The checkpoint is above the newest change. */
  restored: (checkpoint: string, last: number) => string;
  /** The publication leaves changes out. */
  publication: string;
};
