import {
  type DatabaseClient,
  DatabaseSetup,
  type GeneralMessageHandler,
  getDisabledLogger,
  initializeMessageStorage,
  type TransactionalMessage,
} from 'pg-transactional-outbox';
import { systemIds } from '../../../../publisher/ids.ts';
import { openPool } from '../../../../publisher/postgres/database.ts';
import { transaction } from '../../../../publisher/postgres/transaction.ts';
import type { Shop } from '../../../../publisher/shops/domain/shop.ts';
import type { Context, Sink, Subject } from '../context.ts';
import { repriced, updateShop } from './bare-update.ts';

/** The peer's outbox table, by its own DatabaseSetup. Its protections cost time and are optional for an outbox: off. */
export const table = {
  outboxOrInbox: 'outbox' as const,
  database: 'postgres',
  schema: 'public',
  table: 'outbox',
  listenerRole: 'doorbell',
};
/** Names of its polling listener. */
export const polling = { ...table, nextMessagesName: 'next_outbox_messages' };
export const settings = {
  dbSchema: table.schema,
  dbTable: table.table,
  enableMaxAttemptsProtection: false,
  enablePoisonousMessageProtection: false,
  // Old messages are deleted at times; within a run none is old.
  messageCleanupIntervalInMs: 0,
};

/** It warns of every message that a poll and a handler wanted at once, and tries it again: what counts is the outcome. */
export const logger = getDisabledLogger();

/** What both listeners have in common; `prepare` makes what one of them needs, and `start` starts it. */
export function openOutbox(
  { databaseUrl, database, shops, sink }: Context,
  prepare: () => Promise<void>,
  start: (handler: GeneralMessageHandler) => () => Promise<void>,
): Subject {
  const store = initializeMessageStorage({ outboxOrInbox: 'outbox', settings }, logger);
  const closing: (() => Promise<void>)[] = [];
  const count = async (text: string) => (await database.query<{ count: number }>(text)).rows[0]?.count ?? 0;
  return {
    async prepare() {
      await database.query(DatabaseSetup.dropAndCreateTable(table));
      await prepare();
    },
    async openWriter(clients) {
      const writers = openPool({ connectionString: databaseUrl, max: clients });
      closing.push(() => writers.end());
      return async (place, version) => {
        const shop = repriced(shops[place] as Shop, version);
        const message = messageOf(shop, version);
        await transaction(writers, async (client) => {
          await client.query(updateShop, [shop.id, version, shop]);
          await store(message, client as DatabaseClient);
        });
        return message.id;
      };
    },
    countEvents: () => count('select count(*) from outbox'),
    async fillBacklog(events) {
      await database.query(backlog, [events]);
    },
    startRelay: () => void closing.unshift(start({ handle: (message) => ring(message, sink) })),
    countWaiting: () => count('select count(*) from outbox where processed_at is null'),
    async stop() {
      for (const close of closing) await close();
    },
  };
}

/** The message says what Doorbell's does. `parallel`: any order will do, as it does for Doorbell's rings of different shops. */
function messageOf({ id }: Shop, version: number): TransactionalMessage {
  const type = 'shop.menu-item-price-changed';
  return {
    id: systemIds.event(),
    aggregateType: 'shop',
    aggregateId: id,
    messageType: type,
    concurrency: 'parallel',
    payload: { id, type },
    metadata: { version },
  };
}

const backlog = `
  with numbered as (
    select id, version, row_number() over (order by id) - 1 as n, count(*) over () as shops from shop
  ), placed as (
    select g, (g - 1) % shops as n, 1 + (g - 1) / shops as later
    from generate_series(1, $1::int) as g, (select max(shops) as shops from numbered) as most
  )
  insert into outbox (id, aggregate_type, aggregate_id, message_type, concurrency, payload, metadata)
  select gen_random_uuid(), 'shop', id, 'shop.menu-item-price-changed', 'parallel',
         jsonb_build_object('id', id, 'type', 'shop.menu-item-price-changed'),
         jsonb_build_object('version', version + later)
  from placed join numbered using (n)
  order by g`;

/** The peer hands over one message at a time, inside its transaction: there is nothing to put ten of into one call. */
async function ring({ id, payload, metadata, createdAt }: TransactionalMessage, { publish }: Sink): Promise<void> {
  const { id: shopId, type } = payload as { id: string; type: string };
  const version = Number(metadata?.version);
  const one = { position: 0, id: shopId, type, version, eventId: id, occurredAt: Date.parse(createdAt ?? '') };
  const [delivery] = await publish([one], NEVER);
  if (delivery?.accepted !== true) throw new Error(delivery?.reason);
}

const NEVER = new AbortController().signal;
