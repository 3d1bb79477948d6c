import { TypeName } from '../../contracts/wire/notification.ts';
import type { Pool } from '../postgres/database.ts';
import { schemaName } from './schema.ts';

/** 1,000 resources in one transaction, so that no lock is held for long. */
const AT_ONCE = 1_000;

/**
 * Rings every resource once more, a thousand at a time, in order of their ids, and returns their number. A resource
 * that is gone is rung as gone. Throws TypeError for a type that is not valid.
 */
export async function ringResources(pool: Pool, { schema, type }: { schema?: string; type: string }): Promise<number> {
  if (!TypeName.safeParse(type).success)
    throw new TypeError(`type "${type}": a type is lower-case words joined by . and -, such as product.changed`);
  const name = schemaName(schema);
  // Locked, so that what is gone can't come back meanwhile: the log must not tell an older version after a newer one.
  const ringSome = `
    with next as materialized (
      select id, gone, version from ${name}.resource where id > $1 order by id limit ${AT_ONCE} for update
    ), rung as materialized (
      select ${name}.ring(id, $2) from next where not gone
    ), again as (
      insert into ${name}.change (id, type, version, event_id, gone)
      select id, $2, version, ${name}.new_event_id(), true from next where gone returning 1
    )
    select (select max(id) from next) as last,
           (select count(*) from rung) + (select count(*) from again) as rung`;
  let rung = 0;
  for (let after: string | null = ''; after !== null; ) {
    const { rows }: { rows: { last: string | null; rung: number | string }[] } = await pool.query(ringSome, [
      after,
      type,
    ]);
    rung += Number(rows[0]?.rung ?? 0);
    after = rows[0]?.last ?? null;
  }
  return rung;
}
