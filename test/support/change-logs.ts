import type { FeedTables } from '../../publisher/feed/feed-log.ts';
import { feedTablesOf, outboxLog } from '../../publisher/outbox/outbox-log.ts';
import type { Database } from '../../publisher/postgres/database.ts';
import type { EventLog } from '../../publisher/relay/event-log.ts';
import { shopFeedTables, shopLog } from '../../publisher/shops/store/shop-log.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { freshOutbox } from './outbox.ts';
import { outboxShapes, RESOURCES, type Shape, shopShapes } from './storm-shapes.ts';

/** A change log and its database, for the suites that every log must pass. */
export type ChangeLog = {
  open: (database: Database) => EventLog;
  feed: FeedTables;
  /** Makes an empty database with its tables; it is emptied when the test is over. */
  database: () => Promise<TestDatabase>;
  /** Statement that writes the first change of a resource. */
  insert: (id: string) => string;
  /** Query for the id and version of everything that was committed, oldest first. */
  committed: string;
  /** Names of its tables, and of its publication. */
  tables: { changes: string; checkpoints: string; publication: string };
  /** Table and columns of the publication, as the migrations make it. */
  published: string;
  /** What a person is told to do after a restore, and where the publication leaves something out. */
  remedies: { restored: RegExp; publication: RegExp };
  /** Statement before a storm, and what its transactions do. */
  storm: { prepare: string; shapes: Shape[] };
};

const shops: ChangeLog = {
  open: shopLog,
  feed: shopFeedTables,
  database: freshDatabase,
  insert: (id) =>
    `insert into shop_events (shop_id, version, event_id, type, data)
     values ('${id}', 1, gen_random_uuid(), 'shop.opened', '{}')`,
  committed: 'select shop_id as id, version from shop_events order by shop_events.id',
  tables: { changes: 'shop_events', checkpoints: 'relay_checkpoint', publication: 'doorbell_shop_events' },
  published: 'shop_events (id, shop_id, version, event_id, type, at)',
  remedies: {
    restored: /^.*Set relay_checkpoint\.pos of 'position' to \d+, .*doorbell -- replay --since/,
    publication: /must have all inserts of shop_events/,
  },
  storm: {
    prepare: `insert into shop (id, version, closed, state)
      select 's' || n, 0, false, '{}' from generate_series(1, ${RESOURCES}) as n`,
    shapes: shopShapes,
  },
};

const outbox: ChangeLog = {
  open: outboxLog(),
  feed: feedTablesOf('doorbell'),
  database: freshOutbox,
  insert: (id) => `select doorbell.ring('${id}', 'product.created')`,
  committed: 'select id, version from doorbell.change order by position',
  tables: {
    changes: 'doorbell.change',
    checkpoints: 'doorbell.relay_checkpoint',
    publication: 'doorbell_outbox',
  },
  published: 'doorbell.change (position, id, type, version, event_id, at)',
  remedies: {
    restored: /Run update doorbell\.relay_checkpoint set pos = \d+ where name = 'position', .*doorbell outbox ring-all/,
    publication: /must have all inserts of doorbell\.change with its columns/,
  },
  storm: { prepare: 'select 1', shapes: outboxShapes },
};

/** The change logs that relays run over. */
export const changeLogs = { shops, outbox };

/** Each kind of relay over each change log, for `describe.each`. */
export const relaysOverLogs = (['shops', 'outbox'] as const).flatMap((name) =>
  (['position', 'log'] as const).map((kind) => ({ kind, name, log: changeLogs[name] })),
);
