import type { Environment } from '../../contracts/environment/unknown.ts';
import type { BrokerClient } from '../infrastructure/provision.ts';

/**
 * What the embedded parts are told: everything, so that no variable and no profile of whoever starts them says the rest. A
 * test finds the variables' names in what is installed.
 */

/** How the AWS SDK reaches the embedded broker, and calls it. */
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

/** What stands in the URL of the embedded database, and so goes before the variables of PostgreSQL's clients. */
const CONNECTION = {
  sslmode: 'disable',
  sslnegotiation: 'postgres',
  client_encoding: 'UTF8',
  // Not empty: pg takes an empty one for none, and PGOPTIONS in its place.
  options: '-c timezone=UTC',
  application_name: 'doorbell',
};

/** The URL of a database of the embedded PostgreSQL, with everything that a client may ask. */
export function fullUrl(url: string): string {
  // %20, and no +: libpq takes a plus sign for itself.
  return `${url}?${new URLSearchParams(CONNECTION).toString().replaceAll('+', '%20')}`;
}

/** What an operating system needs to start a program, where it needs more than the program's path. */
const OF_THE_SYSTEM = ['PATH', 'SystemRoot', 'SystemDrive', 'NIX_LD', 'NIX_LD_LIBRARY_PATH'];

/**
 * The environment of PostgreSQL's programs. Nothing of PG… or LC_…, and no LD_LIBRARY_PATH: it would put a library of
 * somebody else's before those that come with the programs.
 */
export function programEnvironment(environment: Environment): NodeJS.ProcessEnv {
  const kept = OF_THE_SYSTEM.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

/** Asks this machine directly: with NODE_USE_ENV_PROXY, `fetch` goes to the proxy of the shell, which can't reach it. */
export function askMachineDirectly(environment: NodeJS.ProcessEnv): void {
  const { no_proxy = environment.NO_PROXY ?? '' } = environment;
  environment.no_proxy = [no_proxy, '127.0.0.1', 'localhost'].filter((each) => each !== '').join();
}
