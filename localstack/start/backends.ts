import { seconds, terminal } from '../terminal.ts';
import { type Broker, startBroker } from './broker/broker.ts';
import type { Cleanup } from './cleanup.ts';
import type { DevConfig } from './config.ts';
import type { Home } from './home.ts';
import { prepareDatabase } from './postgres/app-user.ts';
import { startPostgres } from './postgres/postgres.ts';
import { supervisePostgres } from './postgres/supervise.ts';
import { NEVER_LOST } from './supervise.ts';

/**
 * The addresses of database and broker. `ownerUrl` is for the log relay, which must replicate, and for `doorbell
 * rebuild`. The schema of an embedded database is already migrated.
 */
export type Backends = {
  databaseUrl: string;
  databaseAdminUrl: string | undefined;
  ownerUrl: string;
  broker: Broker;
  /** Rejects with the reason when an embedded part is gone for good. */
  lost: Promise<never>;
};

/** Starts the embedded database and broker at the same time, unless the configuration names external ones. */
export async function startBackends(config: DevConfig, home: Home, cleanup: Cleanup): Promise<Backends> {
  const [database, broker] = await Promise.allSettled([
    config.databaseUrl === null ? startEventStore(config, home) : { url: config.databaseUrl, ...NOT_OURS },
    config.broker === null ? startEmbeddedBroker(home) : { client: config.broker, ...NOT_OURS },
  ]);
  for (const part of [database, broker]) if (part.status === 'fulfilled') cleanup.defer(part.value.stop);
  if (database.status === 'rejected') throw database.reason;
  if (broker.status === 'rejected') throw broker.reason;
  const { databaseUrl, databaseAdminUrl } = config;
  const shared = { broker: broker.value, lost: Promise.race([database.value.lost, broker.value.lost]) };
  shared.lost.catch(() => undefined);
  if (databaseUrl !== null)
    return { databaseUrl, databaseAdminUrl, ownerUrl: databaseAdminUrl ?? databaseUrl, ...shared };
  const ownerUrl = database.value.url;
  const appUrl = await prepareDatabase(ownerUrl, { name: 'doorbell_api', password: home.secrets.appPassword });
  return { databaseUrl: appUrl, databaseAdminUrl: undefined, ownerUrl, ...shared };
}

/** Database or broker that runs elsewhere: it is neither started again nor stopped. */
const NOT_OURS = { lost: NEVER_LOST, stop: async () => {} };

function startEventStore(config: DevConfig, home: Home) {
  const options = { folder: home.path('pg'), password: home.secrets.postgresPassword };
  const how = {
    created: 'created',
    started: 'with the data of earlier runs',
    adopted: 'still running after a killed process',
  };
  const where = (data: string) => (data.startsWith('/var/lib/') ? data : `${config.home}/pg`);
  const start = async () => {
    const postgres = await startPostgres(options);
    return { ...postgres, ...supervisePostgres(postgres, terminal.trouble) };
  };
  return timed(
    'event store',
    start,
    ({ data, state }) => `PostgreSQL in ${where(data)} (${how[state]}; npm start -- --fresh begins anew)`,
  );
}

function startEmbeddedBroker(home: Home): Promise<Broker> {
  return timed(
    'broker',
    () => startBroker(home.path('broker'), terminal.trouble),
    ({ client }) => `SNS and SQS by fauxqs on ${client.endpoint}`,
  );
}

/** Runs `work` and prints a line with its duration. */
export async function timed<Result>(
  what: string,
  work: () => Promise<Result>,
  note: (result: Result) => string,
): Promise<Result> {
  const start = performance.now();
  const result = await work();
  terminal.done(what, `${seconds(performance.now() - start)}  ${note(result)}`);
  return result;
}
