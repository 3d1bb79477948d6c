import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseSetup, initializePollingMessageListener } from 'pg-transactional-outbox';
import type { Context, Subject } from '../context.ts';
import { logger, openOutbox, polling, settings, table } from './outbox.ts';

/**
 * The best of 15 settings tried in turn on a backlog of 2,000, by 1,300 rings a second; the README's batch of 5 with the
 * strategy that comes with it rang 190, batches of 20 rang 640.
 */
const BATCH = 300;
const CONNECTIONS = 20;
/** Milliseconds; its README says 250, which is no way to be quick. */
const INTERVAL = 20;

/** pg-transactional-outbox, polling. */
export const open = (context: Context): Subject =>
  openOutbox(
    context,
    async () => {
      await context.database.query(DatabaseSetup.createPollingFunction(polling));
      await context.database.query(DatabaseSetup.setupPollingIndexes(polling));
    },
    (handler) => {
      const connections = { connectionString: context.databaseUrl, max: CONNECTIONS };
      const config = {
        outboxOrInbox: table.outboxOrInbox,
        dbListenerConfig: connections,
        dbHandlerConfig: connections,
        settings: {
          ...settings,
          nextMessagesFunctionName: polling.nextMessagesName,
          nextMessagesBatchSize: BATCH,
          nextMessagesPollingIntervalInMs: INTERVAL,
        },
      };
      const [stop] = initializePollingMessageListener(config, handler, logger, { batchSizeStrategy });
      return stop;
    },
  );

/**
 * Each poll reads the whole backlog, and its own strategy polls for one message as soon as one is done. This one, in the
 * place the peer has for it, polls when half of a batch is done.
 */
async function batchSizeStrategy(underWay: number): Promise<number> {
  if (underWay <= BATCH / 2) return BATCH;
  await wait(1);
  return underWay;
}
