import type pg from 'pg';
import type { Clock } from '../../system.ts';
import type { RingColumns } from '../event-log.ts';
import { type Committed, createPgoutputReader } from './pgoutput.ts';

/** Transactions that PostgreSQL streams from a slot: whole ones, in the order of their commits. */
export type WalStream = {
  /**
   * Takes the next transactions, oldest first: about `limit` rings at most, but one transaction at least. Throws if the
   * stream broke.
   */
  take: (limit: number) => Committed[];
  /** Confirms that everything up to `end` was rung: the slot need not keep it. */
  confirm: (end: bigint) => void;
  /** Returns the log position up to which everything was rung or had nothing to ring. */
  confirmed: () => bigint;
  close: () => Promise<void>;
};

/** Dependencies of a stream. */
export type WalStreamDeps = {
  /** A session in replication mode, in UTC and ISO dates. */
  client: pg.Client;
  slot: string;
  publication: string;
  columns: RingColumns;
  clock: Clock;
  /** Called when there is something to take, or when the stream broke. */
  onReady: () => void;
};

/** 20,000 rings, some 5 MB: SNS is slower than the log, so reading further ahead gains nothing. */
const FULL = 20_000;
/** 10 s: the server drops a silent receiver after 60 s (`wal_sender_timeout`). */
const HEARTBEAT = 10_000;

/**
 * Starts streaming at a slot's confirmed position. Only positions handed to `confirm` count as confirmed. The one
 * exception: the server reports a position with nothing for us while no ring waits. Throws the server's error if it
 * refuses.
 */
export async function openWalStream(deps: WalStreamDeps): Promise<WalStream> {
  const { client, slot, publication, columns, clock, onReady } = deps;
  const { connection } = client as unknown as { connection: CopyConnection };
  const read = createPgoutputReader(columns);
  const closing = new AbortController();
  let buffer: Committed[] = [];
  let waiting = 0;
  /** Ends of the last commit that was received, and of the last that was confirmed. */
  let received = 0n;
  let confirmed = 0n;
  let failure: Error | null = null;

  const report = () => connection.sendCopyFromChunk(statusUpdate(confirmed, clock.now()));
  const fail = (error: Error) => {
    failure ??= error;
    onReady();
  };

  function onTransaction(transaction: Committed): void {
    received = transaction.end;
    buffer.push(transaction);
    waiting += transaction.rings.length;
    if (waiting > FULL) connection.stream.pause();
    onReady();
  }

  /** Handles a keepalive: the server has sent everything up to `end`. If no ring waits, it had nothing for us. */
  function onKeepalive(end: bigint, isUrgent: boolean): void {
    const isIdle = buffer.length === 0 && received <= confirmed && !read.isOpen();
    const isNews = isIdle && end > confirmed;
    if (isNews) confirmed = end;
    if (isNews || isUrgent) report();
  }

  connection.on('copyData', ({ chunk }) => {
    try {
      if (chunk[0] === KIND.keepalive) onKeepalive(chunk.readBigUInt64BE(1), chunk[17] === 1);
      if (chunk[0] !== KIND.data) return;
      const transaction = read(chunk.subarray(DATA_HEADER));
      if (transaction !== null) onTransaction(transaction);
    } catch (error) {
      fail(error as Error);
    }
  });
  client.on('error', fail);
  client.on('end', () => fail(new Error('PostgreSQL ended the replication stream')));
  await start(client, connection, slot, publication, fail);
  void beat(report, clock, closing.signal);

  return {
    take(limit) {
      if (failure !== null) throw failure;
      const taken = takeFrom(buffer, limit);
      buffer = buffer.slice(taken.length);
      waiting -= taken.reduce((sum, { rings }) => sum + rings.length, 0);
      if (waiting < FULL / 2) connection.stream.resume();
      return taken;
    },
    confirm(end) {
      confirmed = end;
      report();
    },
    confirmed: () => confirmed,
    async close() {
      closing.abort();
      await client.end().catch(() => undefined);
    },
  };
}

/** Methods of pg's connection in copy mode, which its types leave out. */
type CopyConnection = {
  stream: { pause: () => void; resume: () => void };
  on: (name: 'copyData', hear: (message: { chunk: Buffer }) => void) => void;
  once: (name: 'replicationStart', hear: () => void) => void;
  sendCopyFromChunk: (chunk: Buffer) => void;
};

const KIND = { data: 0x77, keepalive: 0x6b };
/** Length of the header: the kind, the start and the end of the log, and the server's clock. */
const DATA_HEADER = 1 + 8 + 8 + 8;

/** Resolves when the stream runs. Later failures are passed to `fail`. */
function start(
  client: pg.Client,
  connection: CopyConnection,
  slot: string,
  publication: string,
  fail: (error: Error) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('replicationStart', resolve);
    // 0/0 starts at the slot's confirmed position. Both names are ours: a replication command takes no parameters.
    const command = `START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names '${publication}')`;
    client.query(command).then(
      () => fail(new Error('PostgreSQL ended the replication stream')),
      (error: Error) => {
        fail(error);
        reject(error);
      },
    );
  });
}

async function beat(report: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(HEARTBEAT, signal);
    if (!signal.aborted) report();
  }
}

function takeFrom(buffer: readonly Committed[], limit: number): Committed[] {
  let rings = 0;
  const isPast = ({ rings: more }: Committed, n: number) => {
    rings += more.length;
    return n > 0 && rings > limit;
  };
  const end = buffer.findIndex(isPast);
  return end === -1 ? buffer.slice() : buffer.slice(0, end);
}

/** Milliseconds from 1970 to 2000, where PostgreSQL's clock begins. */
const EPOCH_2000 = 946_684_800_000;

/**
 * Makes the receiver's answer: written, flushed and applied up to `end`, the first byte not confirmed. One byte more
 * would skip a commit that follows at once (docs/decisions/0015-log-relay.md).
 */
function statusUpdate(end: bigint, now: number): Buffer {
  const update = Buffer.alloc(34);
  update[0] = 0x72;
  for (const place of [1, 9, 17]) update.writeBigUInt64BE(end, place);
  update.writeBigInt64BE(BigInt(now - EPOCH_2000) * 1_000n, 25);
  return update;
}
