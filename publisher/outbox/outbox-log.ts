import type { FeedTables } from '../feed/feed-log.ts';
import { type LogTables, tableLog } from '../relay/table-log.ts';
import { publicationOf, schemaName } from './schema.ts';

/** 30 days: longer than a queue keeps a message (14 days in SQS), so that a consumer that was away can catch up. */
export const RETENTION_DAYS = 30;

/** Settings of an outbox's change log. */
export type OutboxLogOptions = {
  schema?: string | undefined;
  /** Days after which a change is removed, once every relay has passed it; 30 by default. */
  retentionDays?: number | undefined;
};

/** Makes the outbox a change log for relays, on a session of its database. */
export function outboxLog({ schema, retentionDays = RETENTION_DAYS }: OutboxLogOptions = {}) {
  const name = schemaName(schema);
  if (!Number.isFinite(retentionDays) || retentionDays <= 0)
    throw new TypeError('retentionDays: give a number of days above 0');
  const seconds = Math.ceil(retentionDays * 86_400);
  return tableLog(tablesOf(name, `select ${name}.prune(interval '${seconds} seconds') as pruned`));
}

/** Names of the outbox's tables that its feed reads. */
export function feedTablesOf(schema: string): FeedTables {
  return { ...tablesOf(schema, ''), gone: 'gone', pruned: `${schema}.pruned` };
}

function tablesOf(schema: string, prune: string): LogTables {
  const publication = publicationOf(schema);
  return {
    log: `outbox-${schema}`,
    changes: `${schema}.change`,
    columns: {
      position: 'position',
      id: 'id',
      type: 'type',
      version: 'version',
      eventId: 'event_id',
      occurredAt: 'at',
    },
    checkpoints: `${schema}.relay_checkpoint`,
    parked: { table: `${schema}.parked_ring`, id: 'id' },
    // A pair of keys, which no single key can equal; the second is the schema's own.
    lock: `3667329, hashtext('${schema}')`,
    channel: null,
    prune,
    publication,
    schemaOf: `'${schema}'`,
    changesOf: `'change'`,
    // Slots belong to the whole server, so the name holds the database and the schema.
    slotName: `
      select left('doorbell_outbox_' || regexp_replace(lower(datname), '[^a-z0-9_]', '_', 'g'), 40)
             || '_' || pg_database.oid || '_' || pg_namespace.oid as name
      from pg_database, pg_namespace where datname = current_database() and nspname = '${schema}'`,
    dropUnusedSlot: `${schema}.drop_unused_slot`,
    remedies: {
      restored: (checkpoint, last) =>
        `Run update ${schema}.relay_checkpoint set pos = ${last} where name = '${checkpoint}', and start again. Then ` +
        'ring all resources: doorbell outbox ring-all.',
      publication:
        `The publication ${publication} must have all inserts of ${schema}.change with its columns position, id, ` +
        'type, version, event_id and at. Create it again as in doorbell outbox sql, and restart: the relay then rings ' +
        'what the publication left out.',
    },
  };
}
