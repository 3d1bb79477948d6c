import type { FeedTables } from '../../feed/feed-log.ts';
import { type LogTables, tableLog } from '../../relay/table-log.ts';

/** Channel on which processes tell the leading relay that they have committed events. */
export const COMMITTED = 'doorbell_committed';

const tables: LogTables = {
  log: 'shops',
  changes: 'shop_events',
  columns: {
    position: 'id',
    id: 'shop_id',
    type: 'type',
    version: 'version',
    eventId: 'event_id',
    occurredAt: 'at',
  },
  checkpoints: 'relay_checkpoint',
  parked: { table: 'parked_ring', id: 'shop_id' },
  // 3,667,329: an arbitrary number.
  lock: '3667329',
  channel: COMMITTED,
  publication: 'doorbell_shop_events',
  schemaOf: 'current_schema()',
  changesOf: `'shop_events'`,
  // Slots belong to the whole server. The oid keeps databases apart whose names become the same.
  slotName: `
    select left('doorbell_' || regexp_replace(lower(datname), '[^a-z0-9_]', '_', 'g'), 50) || '_' || oid as name
    from pg_database where datname = current_database()`,
  dropUnusedSlot: 'drop_unused_slot',
  remedies: {
    restored: (checkpoint, last) =>
      `Set relay_checkpoint.pos of '${checkpoint}' to ${last}, start again, and ring what may have been missed: ` +
      'npm run doorbell -- replay --since <the time of the backup>.',
    publication:
      'The publication doorbell_shop_events must have all inserts of shop_events, with the columns of ' +
      'publisher/shops/store/sql/0007-log-relay.sql. Create it again and restart: the relay then rings what the ' +
      'publication left out.',
  },
};

/** Names of the tables that the shops' feed reads. Events are never removed. */
export const shopFeedTables: FeedTables = { ...tables, gone: `type = 'shop.closed'`, pruned: null };

/** The shops' event table as a change log, on a session of its database. */
export const shopLog = tableLog(tables);
