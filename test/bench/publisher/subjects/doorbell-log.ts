import { logRelay } from '../../../../publisher/relay/log/log-relay.ts';
import { createSlot, slotName } from '../../../../publisher/relay/log/slot.ts';
import { runRelay } from '../../../../publisher/relay/run-relay.ts';
import { openReplication } from '../../../../publisher/store/database.ts';
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
      await createSlot(context.database, await slotName(context.database));
    },
    async fillBacklog(events) {
      // A thousand a commit: a transaction is rung as a whole, and of a shop's rings in it only the last goes out.
      for (let filled = 0; filled < events; filled += 1_000)
        await fillBacklog(context.database, Math.min(1_000, events - filled));
    },
  };
}
