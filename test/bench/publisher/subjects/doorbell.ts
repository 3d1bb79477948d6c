import { openClient, openPool } from '../../../../publisher/postgres/database.ts';
import { type RunRelayDeps, runRelay } from '../../../../publisher/relay/run-relay.ts';
import { createWake } from '../../../../publisher/relay/wake.ts';
import { createCommandQueue } from '../../../../publisher/shops/commands/command-queue.ts';
import type { CommandRequest } from '../../../../publisher/shops/commands/decide-request.ts';
import type { Shop } from '../../../../publisher/shops/domain/shop.ts';
import { shopAtVersion } from '../../../../publisher/shops/store/as-of.ts';
import { shopLog } from '../../../../publisher/shops/store/shop-log.ts';
import { systemClock, systemIds } from '../../../../publisher/system.ts';
import type { Context, Subject } from '../context.ts';
import { fillBacklog, priceAt } from '../fill.ts';

/** The publisher's own code, put together as in publisher/wire.ts: commands, which the relay hears of, and as-of reads. */
export const open = (context: Context): Subject => openDoorbell(context, runRelay, 'position');

/** Doorbell with one of its relays, which keeps its checkpoint under this name. */
export function openDoorbell(
  { databaseUrl, database, shops, sink }: Context,
  run: (deps: RunRelayDeps, signal: AbortSignal) => Promise<void>,
  name: string,
): Subject {
  const commands = openPool({ connectionString: databaseUrl });
  const wake = createWake(systemClock);
  const execute = createCommandQueue({ pool: commands, newEventId: systemIds.event, onCommitted: wake.wake });
  const stopping = new AbortController();
  let relay = Promise.resolve();
  let first = 0;

  const last = async () =>
    (await database.query<{ last: number }>('select coalesce(max(id), 0) as last from shop_events')).rows[0]?.last ?? 0;

  return {
    async prepare() {
      first = await last();
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
    startRelay() {
      const connect = () => openClient(databaseUrl);
      const observe = complain;
      relay = run(
        { connect, openLog: shopLog, publish: sink.publish, clock: systemClock, wake, observe, name },
        stopping.signal,
      );
    },
    async countWaiting() {
      const { rows } = await database.query<{ pos: number }>('select pos from relay_checkpoint where name = $1', [
        name,
      ]);
      return (await last()) - (rows[0]?.pos ?? 0);
    },
    priceAsOf: async (id, version) => (await shopAtVersion(commands, id, version)).shop.menu[0]?.price ?? null,
    async stop() {
      stopping.abort();
      await relay;
      await commands.end();
    },
  };
}

function changePrice({ id, menu: [item] }: Shop, price: number): CommandRequest {
  const command = { name: 'changeMenuItem' as const, itemId: item?.id ?? '', change: { price } };
  return { shopId: id, command, ifMatch: null, idempotency: null, actor: 'bench' };
}

/** A relay that must try again measures something else than was meant. */
const complain: RunRelayDeps['observe'] = (event) => {
  if (event.kind === 'failed' || event.kind === 'retrying' || event.kind === 'parked')
    process.stderr.write(`${event.kind}: ${event.reason} … `);
};
