import * as z from 'zod/mini';
import { firstIssue } from '../../contracts/wire/issues.ts';
import { Notification } from '../../contracts/wire/notification.ts';
import { schemaName } from './schema.ts';

/**
 * The part of a database client that ringing needs: `pg`'s client has it, and docs/outbox.md shows it for drizzle,
 * kysely, knex and Prisma. It must be the client of the transaction that changes the data.
 */
export type Transaction = { query: (text: string, values: unknown[]) => PromiseLike<QueryResult> };

/** Rows as clients return them: in an object, or alone. */
export type QueryResult = { rows: unknown[] } | unknown[];

/** A change of a resource. `gone`: the resource is deleted. `trace`: W3C traceparent of the transaction. */
export type OutboxChange = { id: string; type: string; gone?: boolean; trace?: string };

/**
 * Rings in the caller's own transaction: consumers hear of the changes if it commits, and never otherwise. Returns the
 * new versions, in the order of the changes. Resources are locked in order of their ids until the commit, so that two
 * transactions that ring the same ones wait for each other and do not deadlock. Throws TypeError for an id or a type
 * that is not valid, before the database is asked.
 */
export async function ring(
  transaction: Transaction,
  changes: OutboxChange | readonly OutboxChange[],
  { schema }: { schema?: string } = {},
): Promise<number[]> {
  const list = [changes].flat() as OutboxChange[];
  for (const change of list) check(change);
  const [first, ...others] = list;
  if (first === undefined) return [];
  const name = schemaName(schema);
  if (others.length === 0) return [await ringOne(transaction, first, name)];
  const sorted = list
    .map((change, nth) => ({ ...change, nth }))
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const rows = rowsOf<{ nth: number }>(await transaction.query(statement(name), [JSON.stringify(sorted)]));
  const versions = new Map(rows.map(({ nth, version }) => [Number(nth), Number(version)]));
  return list.map((_, nth) => versions.get(nth) ?? Number.NaN);
}

/** One change alone takes the server half the time. */
async function ringOne(transaction: Transaction, { id, type, gone, trace }: OutboxChange, schema: string) {
  const text = `select ${schema}.${gone === true ? 'gone' : 'ring'}($1, $2, $3) as version`;
  const [row] = rowsOf(await transaction.query(text, [id, type, trace ?? null]));
  return Number(row?.version);
}

const rowsOf = <Row = unknown>(result: QueryResult) =>
  (Array.isArray(result) ? result : result.rows) as (Row & { version: number | string })[];

function check({ id, type }: OutboxChange): void {
  const parsed = z.safeParse(Notification, { id, type });
  if (!parsed.success) throw new TypeError(`ring: ${firstIssue(parsed.error)}`);
}

// The list is a text with JSON: every client passes a text as it is, but postgres.js quotes it again for a json.
const statement = (schema: string) => `
  select nth, case when gone then ${schema}.gone(id, type, trace) else ${schema}.ring(id, type, trace) end as version
  from json_to_recordset($1::text::json) as change (id text, type text, gone boolean, trace text, nth int)`;
