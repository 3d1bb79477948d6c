import type { ResourceLog } from '../source-api/source.ts';
import { resourceLog, type Snapshot } from './resource-log.ts';
import { type OutboxChange, ring, type Transaction } from './ring.ts';
import { schemaName } from './schema.ts';
import { type ConnectionPool, type PooledClient, pgSnapshot } from './snapshot.ts';

export { migrateOutbox, type OutboxSetup, outboxScript } from './migrate.ts';
export { outboxLog } from './outbox-log.ts';
export { type ResourceLogOptions, resourceLog, type Snapshot } from './resource-log.ts';
export type { OutboxRoles } from './rights-sql.ts';
export { type OutboxChange, ring, type Transaction } from './ring.ts';
export { type ConnectionPool, type PooledClient, pgSnapshot } from './snapshot.ts';
export { unwatchTable, type WatchedTable, watchTable } from './watch.ts';
export type { TableWatch } from './watch-sql.ts';

/** Settings of an outbox: a pool of `pg`, or snapshots of another client. */
export type OutboxOptions<Tx> = ({ pool: ConnectionPool<Tx & PooledClient> } | { snapshot: Snapshot<Tx> }) & {
  /** Schema of the outbox; `doorbell` by default. */
  schema?: string;
  /** Only resources whose id begins with it, for an outbox with several kinds: `product:`. */
  prefix?: string;
};

/** An outbox in the service's own database: the change log of its source APIs, and the way to ring in its transactions. */
export type Outbox<Tx> = ResourceLog<Tx> & {
  /** Rings in the caller's transaction, and returns the new versions. */
  ring: (transaction: Transaction, changes: OutboxChange | readonly OutboxChange[]) => Promise<number[]>;
};

/** Opens the outbox that `migrateOutbox` made. Throws TypeError for a schema or a prefix that is not valid. */
export function createOutbox<Tx = PooledClient>(options: OutboxOptions<Tx>): Outbox<Tx> {
  const schema = schemaName(options.schema);
  const snapshot = 'pool' in options ? (pgSnapshot(options.pool) as Snapshot<Tx>) : options.snapshot;
  return {
    ...resourceLog({ snapshot, schema, prefix: options.prefix }),
    ring: (transaction, changes) => ring(transaction, changes, { schema }),
  };
}
