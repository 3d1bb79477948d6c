import { bucketOf } from '../../contracts/wire/digests.ts';
import type { ResourceVersion } from '../../contracts/wire/source-api.ts';
import type { Pool } from '../../publisher/postgres/database.ts';

/** A shop as a row of the publisher's table, without a state worth reading. */
export type BareShop = ResourceVersion & { closed: boolean };

/** Puts shops into the publisher's table as they are, without an event: for what only reads ids and versions. */
export async function insertShops(pool: Pool, shops: readonly BareShop[]): Promise<void> {
  await pool.query(
    `insert into shop (id, version, closed, state)
     select id, version, closed, '{}' from jsonb_to_recordset($1) as new (id text, version bigint, closed boolean)`,
    [JSON.stringify(shops)],
  );
}

/** The first ids of a row of numbered ones that stand in a bucket. */
export function idsIn(prefix: string, count: number): string[] {
  const ids: string[] = [];
  for (let n = 0; ids.length < count; n++) if (bucketOf(`s${n}`).startsWith(prefix)) ids.push(`s${n}`);
  return ids;
}
