import type { RingColumns } from '../event-log.ts';
import type { Ring } from '../ring.ts';

/**
 * A transaction from the write-ahead log: the events it appended, and the log sequence number at which its commit ends.
 */
export type Committed = { rings: Ring[]; end: bigint };

/**
 * Reads PostgreSQL's logical replication messages one after the other (protocol version 1, plugin pgoutput; PostgreSQL
 * documentation, "Logical Replication Message Formats"). Returns the transaction when its commit arrives.
 */
export type ReadMessage = {
  (message: Buffer): Committed | null;
  /** True while a transaction has begun and its commit has not arrived. */
  isOpen: () => boolean;
};

/** Makes a reader for those columns of a change log that make up a ring. Throws if a column is missing. */
export function createPgoutputReader(names: RingColumns): ReadMessage {
  const relations = new Map<number, string[]>();
  let rings: Ring[] | null = null;

  const read = (message: Buffer): Committed | null => {
    switch (message[0]) {
      case CODE.begin:
        rings = [];
        return null;
      case CODE.relation:
        relations.set(message.readUInt32BE(1), columnsOf(message));
        return null;
      case CODE.insert:
        rings?.push(ringOf(message, relations.get(message.readUInt32BE(1)) ?? [], names));
        return null;
      case CODE.commit: {
        const committed = { rings: rings ?? [], end: message.readBigUInt64BE(END_OF_COMMIT) };
        rings = null;
        return committed;
      }
      default:
        // Type, origin and logical decoding messages are not needed here.
        return null;
    }
  };
  return Object.assign(read, { isOpen: () => rings !== null });
}

const CODE = { begin: 0x42, commit: 0x43, insert: 0x49, relation: 0x52 };
/** Offset of the commit's end: after the kind, the flags, and the commit's own place. */
const END_OF_COMMIT = 1 + 1 + 8;
/** Offset of a new row: after the kind, the relation's id, and the letter N. */
const NEW_TUPLE = 1 + 4 + 1;

/** Reads the names of a relation's published columns, in the order of its rows. */
function columnsOf(message: Buffer): string[] {
  let at = 5;
  at = message.indexOf(0, at) + 1; // skip the schema
  at = message.indexOf(0, at) + 2; // skip the table and its replica identity
  const names: string[] = [];
  const count = message.readInt16BE(at);
  at += 2;
  for (let n = 0; n < count; n++) {
    const end = message.indexOf(0, at + 1);
    names.push(message.toString('utf8', at + 1, end));
    at = end + 1 + 8; // skip the column's type and type modifier
  }
  return names;
}

function ringOf(message: Buffer, columns: string[], names: RingColumns): Ring {
  const row: Record<string, string> = {};
  let at = NEW_TUPLE + 2;
  for (const column of columns) {
    const isText = message[at++] === 0x74;
    if (!isText) continue;
    const length = message.readInt32BE(at);
    row[column] = message.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
  }
  const part = (name: keyof RingColumns): string => {
    const value = row[names[name]];
    if (value === undefined || value === '')
      throw new Error(`The publication must have ${Object.values(names).join(', ')}; it has ${columns}.`);
    return value;
  };
  return {
    position: Number(part('position')),
    id: part('id'),
    type: part('type'),
    version: Number(part('version')),
    eventId: part('eventId'),
    occurredAt: instantOf(part('occurredAt')),
  };
}

/** Converts PostgreSQL's ISO style in UTC, `2026-11-24 10:15:00.123456+00`, to milliseconds since the epoch. */
function instantOf(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
}
