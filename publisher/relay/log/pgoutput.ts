import type { Ring } from '../ring.ts';

/** A transaction as the write-ahead log has it: what it appended, and where its commit ends (log sequence number). */
export type Committed = { rings: Ring[]; end: bigint };

/**
 * Reads PostgreSQL's logical replication messages (protocol version 1, plugin pgoutput; PostgreSQL documentation,
 * "Logical Replication Message Formats"), one after the other. Answers with the transaction when its commit came.
 */
export type ReadMessage = {
  (message: Buffer): Committed | null;
  /** Tells whether a transaction has begun whose commit has not come yet. */
  isOpen: () => boolean;
};

/** Makes a reader for the columns of the event table that a ring is made of. Throws if one of them is missing. */
export function createPgoutputReader(): ReadMessage {
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
        rings?.push(ringOf(message, relations.get(message.readUInt32BE(1)) ?? []));
        return null;
      case CODE.commit: {
        const committed = { rings: rings ?? [], end: message.readBigUInt64BE(END_OF_COMMIT) };
        rings = null;
        return committed;
      }
      default:
        // Types, origins and messages of others are of no concern to us.
        return null;
    }
  };
  return Object.assign(read, { isOpen: () => rings !== null });
}

const CODE = { begin: 0x42, commit: 0x43, insert: 0x49, relation: 0x52 };
/** After the kind, the flags, and the commit's own place. */
const END_OF_COMMIT = 1 + 1 + 8;
/** After the kind, the relation's id, and the letter N. */
const NEW_TUPLE = 1 + 4 + 1;

/** The names of a relation's published columns, in the order in which its rows carry them. */
function columnsOf(message: Buffer): string[] {
  let at = 5;
  at = message.indexOf(0, at) + 1; // the schema
  at = message.indexOf(0, at) + 2; // the table, and its replica identity
  const names: string[] = [];
  const count = message.readInt16BE(at);
  at += 2;
  for (let n = 0; n < count; n++) {
    const end = message.indexOf(0, at + 1);
    names.push(message.toString('utf8', at + 1, end));
    at = end + 1 + 8; // its type and the type's modifier
  }
  return names;
}

function ringOf(message: Buffer, columns: string[]): Ring {
  const row: Record<string, string> = {};
  let at = NEW_TUPLE + 2;
  for (const column of columns) {
    const isText = message[at++] === 0x74;
    if (!isText) continue;
    const length = message.readInt32BE(at);
    row[column] = message.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
  }
  const { id, shop_id, type, version, event_id, at: when } = row;
  if (!id || !shop_id || !type || !version || !event_id || !when)
    throw new Error(`The publication must have id, shop_id, type, version, event_id and at; it has ${columns}.`);
  return {
    position: Number(id),
    id: shop_id,
    type,
    version: Number(version),
    eventId: event_id,
    occurredAt: instantOf(when),
  };
}

/** From PostgreSQL's ISO style in UTC, `2026-11-24 10:15:00.123456+00`, to milliseconds since the epoch. */
function instantOf(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
}
