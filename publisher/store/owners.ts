import { ProblemError } from '../../contracts/problem.ts';
import type { Owner, Shop } from '../domain/shop.ts';
import type { Database } from './database.ts';
import type { StoredShop } from './event-store.ts';

/** An owner with its version: how often it was changed. */
export type StoredOwner = Owner & { version: number };

/** Reads an owner and keeps it from changing until the transaction ends. Throws `owner-not-found`. */
export async function lockOwner(database: Database, id: string): Promise<Owner> {
  const { rows } = await database.query<Owner>(ownerForShare, [id]);
  const [owner] = rows;
  if (owner === undefined) throw new ProblemError('owner-not-found', `Make the owner known first: PUT /owners/${id}.`);
  return owner;
}
const ownerForShare = {
  name: 'owner-for-share',
  text: 'select id, name, public_name as "publicName" from owner where id = $1 for share',
};

/** Reads an owner for changing it, or null. Must run in a transaction. */
export async function ownerToChange(database: Database, id: string): Promise<StoredOwner | null> {
  const { rows } = await database.query<StoredOwner>(ownerForUpdate, [id]);
  return rows[0] ?? null;
}
const ownerForUpdate = {
  name: 'owner-for-update',
  text: 'select id, version, name, public_name as "publicName" from owner where id = $1 for no key update',
};

/** Writes an owner at a version. False if another request made the same owner known first. */
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

/** The living shops of an owner in id order, locked in that order. */
export async function lockShopsOf(database: Database, ownerId: string): Promise<StoredShop[]> {
  const { rows } = await database.query<{ version: number; state: Shop }>(shopsOfOwner, [ownerId]);
  return rows.map(({ version, state }) => ({ version, shop: state }));
}
const shopsOfOwner = {
  name: 'shops-of-owner',
  text: 'select version, state from shop where owner_id = $1 and not closed order by id for update',
};
