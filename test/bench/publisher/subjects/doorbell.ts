import { systemIds } from '../../../../publisher/ids.ts';
import { openPool } from '../../../../publisher/postgres/database.ts';
import { runRelay } from '../../../../publisher/relay/run-relay.ts';
import { createWake } from '../../../../publisher/relay/wake.ts';
import { createCommandQueue } from '../../../../publisher/shops/commands/command-queue.ts';
import type { CommandRequest } from '../../../../publisher/shops/commands/decide-request.ts';
import type { Shop } from '../../../../publisher/shops/domain/shop.ts';
import { shopAtVersion } from '../../../../publisher/shops/store/as-of.ts';
import { shopLog } from '../../../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../../../publisher/system.ts';
import type { Context, Subject } from '../context.ts';
import { fillBacklog, priceAt } from '../fill.ts';
import { type Run, relayOn } from '../relay.ts';

/** The publisher's own code, put together as in publisher/wire.ts: commands, which the relay hears of, and as-of reads. */
export const open = (context: Context): Subject => openDoorbell(context, runRelay, 'position');

/** Doorbell with one of its relays, which keeps its checkpoint under this name. */
export function openDoorbell(context: Context, run: Run, name: string): Subject {
  const { databaseUrl, database, shops } = context;
  const commands = openPool({ connectionString: databaseUrl });
  const wake = createWake(systemClock);
  const execute = createCommandQueue({ pool: commands, newEventId: systemIds.event, onCommitted: wake.wake });
  const places = { changes: 'shop_events', position: 'id', checkpoints: 'relay_checkpoint' };
  const relay = relayOn(context, { run, name, openLog: shopLog, wake, ...places });
  let first = 0;

  return {
    async prepare() {
      first = await relay.last();
      // Whatever is there was rung long ago.
      await database.query('insert into relay_checkpoint (name, pos, epoch) values ($1, $2, 0)', [name, first]);
    },
    async openWriter() {
      return async (shop, version) => {
        const { answer } = await execute(changePrice(shops[shop] as Shop, priceAt(version)));
        return answer.events[0]?.eventId ?? '';
      };
    },
    async countEvents() {
      const { rows } = await database.query<{ count: number }>('select count(*) from shop_events where id > $1', [
        first,
      ]);
      return rows[0]?.count ?? 0;
    },
    fillBacklog: (events) => fillBacklog(database, events),
    startRelay: relay.start,
    countWaiting: relay.countWaiting,
    priceAsOf: async (id, version) => (await shopAtVersion(commands, id, version)).shop.menu[0]?.price ?? null,
    async stop() {
      await relay.stop();
      await commands.end();
    },
  };
}

function changePrice({ id, menu: [item] }: Shop, price: number): CommandRequest {
  const command = { name: 'changeMenuItem' as const, itemId: item?.id ?? '', change: { price } };
  return { shopId: id, command, ifMatch: null, idempotency: null, actor: 'bench' };
}
