import type { EventType } from '../../../contracts/shops/event-types.ts';
import { MOST_BYTES } from '../../http/bounds.ts';
import type { Database } from '../../postgres/database.ts';
import type { Shop, ShopEvent } from '../domain/shop.ts';
import { schemaOf, upcast, type WrittenEvent } from '../domain/upcast.ts';

/** A shop with its version: the number of its events. */
export type StoredShop = { version: number; shop: Shop };

/** The request that caused an event. */
export type EventMeta = {
  actor: string;
  command: string;
  key?: string;
  /** For an event that undoes others: the version whose state it helps to restore. */
  toVersion?: number;
};

/** An event as it is written, with its version in the shop's history. */
export type NewEvent = ShopEvent & { version: number; eventId: string; meta: EventMeta };

/** A change of one shop: from a version (0: not registered yet), by events, to a state. */
export type ShopChange = { from: number; events: NewEvent[]; to: Shop };

/** Answer to a command with an Idempotency-Key. */
export type Receipt = { key: string; fingerprint: string; status: number; answer: unknown };

/** A receipt to store with the change of a shop, or alone (`shopId` null) where nothing changed. */
export type NewReceipt = Receipt & { shopId: string | null };

type LoadedRow = {
  kind: 'shop' | 'receipt';
  id: string;
  version: number;
  state: unknown;
  fingerprint: string;
  status: number;
};

/** Reads the shops with these ids and the receipts of these keys, in one round trip; unknown ones are left out. */
export async function loadForCommands(
  database: Database,
  shopIds: readonly string[],
  keys: readonly string[],
): Promise<{ shops: Map<string, StoredShop>; receipts: Map<string, Receipt> }> {
  const { rows } = await database.query<LoadedRow>(shopsAndReceipts, [shopIds, keys]);
  const shops = new Map<string, StoredShop>();
  const receipts = new Map<string, Receipt>();
  for (const { kind, id, version, state, fingerprint, status } of rows) {
    if (kind === 'shop') shops.set(id, { version, shop: state as Shop });
    else receipts.set(id, { key: id, fingerprint, status, answer: state });
  }
  return { shops, receipts };
}
const shopsAndReceipts = {
  name: 'shops-and-receipts',
  text: `
    select 'shop' as kind, id, version, state::json, null as fingerprint, null as status from shop where id = any($1)
    union all
    select 'receipt', key, null, answer, fingerprint, status from idempotency_key where key = any($2)`,
};

/** Reads the current state and version of a shop, or null. `lock` locks the row until the transaction ends. */
export async function loadShop(database: Database, id: string, lock = false): Promise<StoredShop | null> {
  const { rows } = await database.query<{ version: number; state: Shop }>(lock ? shopForUpdate : shopById, [id]);
  const [row] = rows;
  return row === undefined ? null : { version: row.version, shop: row.state };
}
const shopById = { name: 'shop-by-id', text: 'select version, state from shop where id = $1' };
const shopForUpdate = { name: 'shop-for-update', text: 'select version, state from shop where id = $1 for update' };

/**
 * Appends the events of many shops with their new states and receipts: one statement, one commit. Returns the ids of
 * the shops that changed. A shop that is no longer at `from`, or that another transaction has locked, is left
 * unchanged. A receipt whose key is taken makes the whole statement fail (23505).
 */
export async function append(
  database: Database,
  changes: readonly ShopChange[],
  receipts: readonly NewReceipt[],
): Promise<Set<string>> {
  const shops = changes.map(({ from, events, to }) => {
    return { shop_id: to.id, from, to: from + events.length, ...columnsOf(to) };
  });
  const events = changes.flatMap(({ events, to }) =>
    events.map(({ version, eventId, type, data, meta }) => ({
      shop_id: to.id,
      version,
      event_id: eventId,
      type,
      schema: schemaOf(type),
      data,
      meta,
    })),
  );
  const notes = receipts.map(({ shopId, ...receipt }) => ({ shop_id: shopId, ...receipt }));
  const known = shops.flatMap(({ shop_id, from }) => (from > 0 ? shop_id : []));
  const json = [shops, events, notes].map((each) => JSON.stringify(each));
  const { rows } = await database.query<{ id: string }>(appendAll, [...json, known]);
  return new Set(rows.map(({ id }) => id));
}
/** Makes the columns of a shop's row beside the version: the state, and the values that indexes need. */
export function columnsOf(shop: Shop): { closed: boolean; owner_id: string | null; state: Shop } {
  return { closed: shop.openness === 'closed', owner_id: shop.owner?.id ?? null, state: shop };
}

const appendAll = {
  name: 'append-all',
  text: `
    with change as materialized (
      select * from jsonb_to_recordset($1::jsonb) as change
        (shop_id text, "from" bigint, "to" bigint, closed boolean, owner_id text, state jsonb)
    ), free as materialized (
      select shop.id from shop join change on shop.id = change.shop_id and shop.version = change."from"
      where shop.id = any($4::text[]) order by shop.id for update of shop skip locked
    ), moved as (
      update shop set version = change."to", closed = change.closed, owner_id = change.owner_id, state = change.state
      from change join free on free.id = change.shop_id where shop.id = free.id and shop.id = any($4::text[])
      returning shop.id
    ), created as (
      insert into shop (id, version, closed, owner_id, state)
      select shop_id, "to", closed, owner_id, state from change where "from" = 0
      on conflict (id) do nothing
      returning id
    ), done as materialized (
      select id from moved union all select id from created
    ), noted as (
      insert into idempotency_key (key, fingerprint, status, answer)
      select key, fingerprint, status, answer from json_to_recordset($3::json) as receipt
        (shop_id text, key text, fingerprint text, status smallint, answer json)
      where shop_id is null or shop_id in (select id from done)
    ), appended as (
      insert into shop_events (shop_id, version, event_id, type, schema, data, meta)
      select shop_id, version, event_id, type, schema, data, meta from jsonb_to_recordset($2::jsonb) as event
        (shop_id text, version bigint, event_id uuid, type text, schema smallint, data jsonb, meta jsonb)
      where shop_id in (select id from done)
      returning shop_id, version, at
    ), snapped as (
      insert into shop_snapshot (shop_id, version, state, at)
      select change.shop_id, change."to", change.state, appended.at
      from change join appended on appended.shop_id = change.shop_id and appended.version = change."to"
      where change."to" / 100 > change."from" / 100
    )
    select id from done`,
};

/** One row of a shop's history, in today's schema. `at` is an ISO 8601 instant. */
export type HistoryRow = {
  version: number;
  eventId: string;
  type: EventType;
  at: string;
  data: unknown;
  meta: EventMeta;
};

/** A page of a shop's events, oldest first, and whether it is the last. */
export type HistoryPage = { events: HistoryRow[]; isLast: boolean };

/**
 * Reads events of a shop above version `after`: at most `limit`, of some 2 MiB together, and at least one if there is
 * any.
 */
export async function readHistory(database: Database, id: string, after: number, limit: number): Promise<HistoryPage> {
  const { rows } = await database.query<HistoryRow & WrittenEvent & { bytes: number }>(eventsOfShop, [
    ...[id, after, limit, MOST_BYTES],
  ]);
  const events = rows.map((row) => {
    const { version, eventId, at, meta } = row;
    const { type, data } = upcast({ ...row, data: JSON.parse(row.data as string) });
    return { version, eventId, type, data, meta, at };
  });
  return { events, isLast: rows.length < limit && rows.reduce((sum, { bytes }) => sum + bytes, 0) < MOST_BYTES };
}
// Read row by row, so that PostgreSQL itself stops, as in read-shops.ts.
const eventsOfShop = {
  name: 'events-of-shop',
  text: `
    with recursive page as (
      (select version, event_id, type, schema, data::text as data, meta, at, 1 as nth, 0 as before
       from shop_events where shop_id = $1 and version > $2 order by version limit 1)
      union all
      select next.*, nth + 1, before + octet_length(page.data)
      from page cross join lateral (
        select version, event_id, type, schema, data::text as data, meta, at
        from shop_events where shop_id = $1 and version > page.version order by version limit 1
      ) as next
      where nth < $3 and before + octet_length(page.data) < $4
    )
    select version, event_id as "eventId", type, schema, data, meta, octet_length(data) as bytes,
           to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from page order by nth`,
};
