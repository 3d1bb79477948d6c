import { MOST_BYTES } from '../../http/bounds.ts';
import type { Database } from '../../postgres/database.ts';
import { DomainError } from '../domain/domain-error.ts';
import type { Owner, Shop } from '../domain/shop.ts';
import type { StoredShop } from './event-store.ts';

/** An owner with its version: the number of its changes. */
export type StoredOwner = Owner & { version: number };

/** Reads an owner and locks it against changes until the transaction ends. Throws `owner-not-found`. */
export async function lockOwner(database: Database, id: string): Promise<Owner> {
  const { rows } = await database.query<Owner>(ownerForShare, [id]);
  const [owner] = rows;
  if (owner === undefined) throw new DomainError('owner-not-found', { ownerId: id });
  return owner;
}
const ownerForShare = {
  name: 'owner-for-share',
  text: 'select id, name, public_name as "publicName" from owner where id = $1 for share',
};

/** Reads an owner in order to change it, or null. Must run in a transaction. */
export async function ownerToChange(database: Database, id: string): Promise<StoredOwner | null> {
  const { rows } = await database.query<StoredOwner>(ownerForUpdate, [id]);
  return rows[0] ?? null;
}
const ownerForUpdate = {
  name: 'owner-for-update',
  text: 'select id, version, name, public_name as "publicName" from owner where id = $1 for no key update',
};

/** Writes an owner at a version. False if another request registered the same owner first. */
export async function writeOwner(database: Database, { id, version, name, publicName }: StoredOwner): Promise<boolean> {
  const { rowCount } = await database.query(upsertOwner, [id, version, name, publicName]);
  return rowCount === 1;
}
const upsertOwner = {
  name: 'upsert-owner',
  text: `
    insert into owner (id, version, name, public_name) values ($1, $2, $3, $4)
    on conflict (id) do update set version = excluded.version, name = excluded.name, public_name = excluded.public_name
    where owner.version = excluded.version - 1`,
};

/**
 * Reads the open shops of an owner in id order, in pieces of some 2 MiB. All of them are locked, in that order, before
 * the first is read. Must run in a transaction.
 */
export async function* lockShopsOf(database: Database, ownerId: string): AsyncGenerator<StoredShop[]> {
  await database.query(lockOfOwner, [ownerId]);
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { rows }: { rows: OwnedRow[] } = await database.query<OwnedRow>(shopsOfOwner, [ownerId, after, MOST_BYTES]);
    if (rows.length > 0) yield rows.map(({ version, state }) => ({ version, shop: JSON.parse(state) as Shop }));
    after = rows.at(-1)?.id;
  }
}
const lockOfOwner = {
  name: 'lock-shops-of-owner',
  text: `
    select count(*) from (
      select from shop where owner_id = $1 and not closed order by id for update
    ) as locked`,
};

type OwnedRow = { id: string; version: number; state: string };

// Read row by row, so that PostgreSQL itself stops, as in read-shops.ts.
const shopsOfOwner = {
  name: 'shops-of-owner',
  text: `
    with recursive page as (
      (select id, version, state::text as state, 1 as nth, 0 as before from shop
       where owner_id = $1 and not closed and id > $2 order by id limit 1)
      union all
      select next.*, nth + 1, before + octet_length(page.state)
      from page cross join lateral (
        select id, version, state::text as state from shop
        where owner_id = $1 and not closed and id > page.id order by id limit 1
      ) as next
      where before + octet_length(page.state) < $3
    )
    select id, version, state from page order by nth`,
};
