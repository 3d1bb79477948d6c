import { type DatabaseClient, DatabaseSetup, initializeMessageStorage } from 'pg-transactional-outbox';
import { systemIds } from '../../../../publisher/ids.ts';
import type { Database } from '../../../../publisher/postgres/database.ts';
import type { Context, Subject } from '../context.ts';
import { inTransaction, openProducts, PRICE_CHANGED } from '../products.ts';
import { logger, polling, settings, table } from './outbox.ts';

/** pg-transactional-outbox in the transaction, with the table and indexes of its polling listener. */
export function open(context: Context): Subject {
  const store = initializeMessageStorage({ outboxOrInbox: 'outbox', settings }, logger);
  return openProducts(context, {
    async prepare(pool) {
      await pool.query(DatabaseSetup.dropAndCreateTable(table));
      await pool.query(DatabaseSetup.setupPollingIndexes(polling));
    },
    change: inTransaction((client, id) => store(messageOf(id), prepared(client))),
    count: 'select count(*) from outbox',
  });
}

const messageOf = (id: string) => ({
  id: systemIds.event(),
  aggregateType: 'product',
  aggregateId: id,
  messageType: PRICE_CHANGED,
  concurrency: 'parallel' as const,
  payload: { id, type: PRICE_CHANGED },
});

/** Its statement is prepared once for each connection, as those of all others are. */
function prepared(client: Database): DatabaseClient {
  const query = (text: string, values: unknown[]) => client.query({ name: 'store', text, values });
  return { query } as unknown as DatabaseClient;
}
