import {
  createReplicationSemaphoreConcurrencyController,
  DatabaseSetup,
  initializeReplicationMessageListener,
} from 'pg-transactional-outbox';
import type { Context, Subject } from '../context.ts';
import { logger, openOutbox, settings, table } from './outbox.ts';

/** 10 messages at once, a connection each, rang 1,400 a second on a backlog of 2,000; 5 rang 1,300, 30 rang 800, its default, 1, rang 530. */
const AT_ONCE = 10;

/** pg-transactional-outbox, by logical replication. */
export function open(context: Context): Subject {
  // Semaphore are one namespace for the whole server.
  const replicationSlot = `slot_${new URL(context.databaseUrl).pathname.slice(1)}`;
  const replication = { ...table, publication: 'outbox_publication', replicationSlot };
  return openOutbox(
    context,
    async () => {
      await context.database.query(DatabaseSetup.setupReplicationCore(replication));
      await context.database.query(DatabaseSetup.setupReplicationSlot(replication));
    },
    (handler) => {
      const connections = { connectionString: context.databaseUrl, max: AT_ONCE };
      const config = {
        outboxOrInbox: table.outboxOrInbox,
        dbListenerConfig: connections,
        dbHandlerConfig: connections,
        settings: { ...settings, dbPublication: replication.publication, dbReplicationSlot: replicationSlot },
      };
      const concurrencyStrategy = createReplicationSemaphoreConcurrencyController(AT_ONCE);
      const [stop] = initializeReplicationMessageListener(config, handler, logger, { concurrencyStrategy });
      return stop;
    },
  );
}
