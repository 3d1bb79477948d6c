import type { Environment } from '../../contracts/environment/unknown.ts';
import type { BrokerClient } from '../infrastructure/provision.ts';

/**
 * Settings of the embedded parts. Every setting is given here, so that no variable and no profile of the user changes
 * one. A test looks up the names of the variables in the installed packages.
 */

/** Configures an SDK client for the embedded broker. */
export function embeddedClient(endpoint: string): BrokerClient {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    authSchemePreference: ['sigv4'],
    accountIdEndpointMode: 'disabled',
    endpointDiscoveryEnabled: false,
    defaultsMode: 'legacy',
    retryMode: 'standard',
    maxAttempts: 3,
    userAgentAppId: 'doorbell',
  };
}

/** Settings in the URL of the embedded database. They go before the variables of PostgreSQL's clients. */
const CONNECTION = {
  sslmode: 'disable',
  sslnegotiation: 'postgres',
  client_encoding: 'UTF8',
  // Not empty: pg would use PGOPTIONS in place of an empty value.
  options: '-c timezone=UTC',
  application_name: 'doorbell',
};

/** Adds every setting of a client to the URL of an embedded database. */
export function fullUrl(url: string): string {
  // %20 and not +: libpq reads a plus sign as itself.
  return `${url}?${new URLSearchParams(CONNECTION).toString().replaceAll('+', '%20')}`;
}

/** Variables that some operating systems need to start a program. */
const OF_THE_SYSTEM = ['PATH', 'SystemRoot', 'SystemDrive', 'NIX_LD', 'NIX_LD_LIBRARY_PATH'];

/**
 * Makes the environment of PostgreSQL's programs, without PG…, LC_… and LD_LIBRARY_PATH: the last one could load
 * another library in place of the ones that come with the programs.
 */
export function programEnvironment(environment: Environment): NodeJS.ProcessEnv {
  const kept = OF_THE_SYSTEM.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

/** Excludes this machine from proxies. With NODE_USE_ENV_PROXY, `fetch` would call a proxy that can't reach it. */
export function askMachineDirectly(environment: NodeJS.ProcessEnv): void {
  const { no_proxy = environment.NO_PROXY ?? '' } = environment;
  environment.no_proxy = [no_proxy, '127.0.0.1', 'localhost'].filter((each) => each !== '').join();
}
