import { migrateOutbox, outboxLog } from '../../../../publisher/outbox/outbox.ts';
import { openPool } from '../../../../publisher/postgres/database.ts';
import { READ } from '../../../../publisher/relay/relay.ts';
import { runRelay } from '../../../../publisher/relay/run-relay.ts';
import { createWake } from '../../../../publisher/relay/wake.ts';
import { systemClock } from '../../../../publisher/system.ts';
import type { Context, Subject } from '../context.ts';
import { type Run, relayOn } from '../relay.ts';

/** The relay by position over the outbox of any service. */
export const open = (context: Context): Subject => openOutboxRelay(context, runRelay);

/** A relay over the outbox: its backlog is rung by `doorbell.ring`, of as many resources as there are shops. */
export function openOutboxRelay(context: Context, run: Run): Subject {
  const { databaseUrl, database, shops } = context;
  const relay = relayOn(context, {
    run,
    name: 'position',
    openLog: outboxLog(),
    wake: createWake(systemClock),
    changes: 'doorbell.change',
    position: 'position',
    checkpoints: 'doorbell.relay_checkpoint',
  });
  return {
    async prepare() {
      const pool = openPool({ connectionString: databaseUrl });
      await migrateOutbox(pool);
      await pool.end();
    },
    async fillBacklog(events) {
      // A step of the relay by the log makes one ring of two changes of a resource: no commit has two.
      for (let filled = 0; filled < events; filled += READ)
        await database.query(backlog, [filled, Math.min(filled + READ, events), shops.length]);
    },
    startRelay: relay.start,
    countWaiting: relay.countWaiting,
    stop: relay.stop,
  };
}

/** Changes above $1 up to $2, of $3 resources in turn. */
const backlog = `
  select count(doorbell.ring('product_' || g % $3::int, 'product.price-changed'))
  from generate_series($1::int + 1, $2::int) as g`;
