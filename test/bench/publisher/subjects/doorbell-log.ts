import { openReplication } from '../../../../publisher/postgres/database.ts';
import { logRelay } from '../../../../publisher/relay/log/log-relay.ts';
import { READ } from '../../../../publisher/relay/relay.ts';
import { runRelay } from '../../../../publisher/relay/run-relay.ts';
import { shopLog } from '../../../../publisher/shops/store/shop-log.ts';
import type { Context, Subject } from '../context.ts';
import { fillBacklog } from '../fill.ts';
import { openDoorbell } from './doorbell.ts';

/** The publisher with the relay that follows the write-ahead log. Its slot is there before the first event that counts. */
export function open(context: Context): Subject {
  const connect = () => openReplication(context.databaseUrl);
  const subject = openDoorbell(
    context,
    (deps, signal) => runRelay({ ...deps, open: logRelay({ connect, onReady: deps.wake.wake }) }, signal),
    'position',
  );
  return {
    ...subject,
    async prepare() {
      await subject.prepare();
      await shopLog(context.database).replication.create(await shopLog(context.database).replication.name());
    },
    async fillBacklog(events) {
      // So many a commit as one step rings: in two of them the same shops change, whose rings would become one.
      for (let filled = 0; filled < events; filled += READ)
        await fillBacklog(context.database, Math.min(READ, events - filled));
    },
  };
}
