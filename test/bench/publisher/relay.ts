import { type Database, openClient } from '../../../publisher/postgres/database.ts';
import type { EventLog } from '../../../publisher/relay/event-log.ts';
import type { RunRelayDeps } from '../../../publisher/relay/run-relay.ts';
import type { Wake } from '../../../publisher/relay/wake.ts';
import { systemClock } from '../../../publisher/system.ts';
import type { Context } from './context.ts';

/** Runs a relay until the signal aborts. */
export type Run = (deps: RunRelayDeps, signal: AbortSignal) => Promise<void>;

/** Relay of one change log, with the names of its tables and of its checkpoint. */
export type RelaySettings = {
  run: Run;
  name: string;
  openLog: (database: Database) => EventLog;
  wake: Wake;
  changes: string;
  position: string;
  checkpoints: string;
};

/** Makes a relay that rings into the sink, with the questions that a run asks about it. */
export function relayOn({ databaseUrl, database, sink }: Context, settings: RelaySettings) {
  const { run, name, openLog, wake, changes, position, checkpoints } = settings;
  const stopping = new AbortController();
  let relay = Promise.resolve();
  const last = async () => {
    const { rows } = await database.query<{ last: number }>(
      `select coalesce(max(${position}), 0) as last from ${changes}`,
    );
    return rows[0]?.last ?? 0;
  };
  return {
    /** Position of the newest change. */
    last,
    start() {
      const connect = () => openClient(databaseUrl);
      const observe = complain;
      const deps = { connect, openLog, publish: sink.publish, clock: systemClock, wake, observe, name };
      relay = run(deps, stopping.signal);
    },
    async countWaiting() {
      const { rows } = await database.query<{ pos: number }>(`select pos from ${checkpoints} where name = $1`, [name]);
      return (await last()) - (rows[0]?.pos ?? 0);
    },
    async stop() {
      stopping.abort();
      await relay;
    },
  };
}

/** A relay that must try again measures something else than was meant. */
const complain: RunRelayDeps['observe'] = (event) => {
  if (event.kind === 'failed' || event.kind === 'retrying' || event.kind === 'parked')
    process.stderr.write(`${event.kind}: ${event.reason} … `);
};
