import { outboxLog } from '../../../../publisher/outbox/outbox.ts';
import { openReplication } from '../../../../publisher/postgres/database.ts';
import { logRelay } from '../../../../publisher/relay/log/log-relay.ts';
import { runRelay } from '../../../../publisher/relay/run-relay.ts';
import type { Context, Subject } from '../context.ts';
import { openOutboxRelay } from './doorbell-outbox.ts';

/** The relay by the write-ahead log over the outbox. Its slot is there before the first change. */
export function open(context: Context): Subject {
  const connect = () => openReplication(context.databaseUrl);
  const subject = openOutboxRelay(context, (deps, signal) =>
    runRelay({ ...deps, open: logRelay({ connect, onReady: deps.wake.wake }) }, signal),
  );
  return {
    ...subject,
    async prepare() {
      await subject.prepare();
      const { replication } = outboxLog()(context.database);
      await replication.create(await replication.name());
    },
  };
}
