import { portVariable } from '../../contracts/environment/known.ts';
import { type Environment, stated } from '../../contracts/environment/unknown.ts';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import type { RelayKind } from '../../publisher/config.ts';
import { externalBroker } from '../infrastructure/external-broker.ts';
import type { BrokerClient } from '../infrastructure/provision.ts';
import type { Ports } from './system.ts';
import { devVariables, readVariables } from './variables.ts';

/** Configuration of `npm start`. `broker` is null for the embedded one. */
export type DevConfig = {
  ports: Ports;
  home: string;
  databaseUrl: string | null;
  databaseAdminUrl: string | undefined;
  broker: BrokerClient | null;
  relay: RelayKind;
};

/** Reads the environment. Throws an Error that names every malformed or unknown variable. */
export function readDevConfig(environment: Environment): DevConfig {
  const read = readVariables(devVariables, 'dev', heard(environment));
  const ports: Record<string, unknown> = read;
  const consumers = Object.fromEntries(agreements.map(({ name }) => [name, Number(ports[portVariable(name)])]));
  const endpoint = read.AWS_ENDPOINT_URL ?? read.AWS_ENDPOINT_URL_SNS ?? read.AWS_ENDPOINT_URL_SQS;
  const isExternal = read.DOORBELL_BROKER === 'aws' || (read.DOORBELL_BROKER === undefined && endpoint !== undefined);
  return {
    ports: { publisher: read.DOORBELL_PUBLISHER_PORT, consumers },
    home: read.DOORBELL_HOME,
    databaseUrl: read.DATABASE_URL ?? null,
    databaseAdminUrl: read.DATABASE_ADMIN_URL,
    broker: isExternal ? externalBroker(environment, endpoint) : null,
    relay: read.DOORBELL_RELAY,
  };
}

/** Leaves out the variables of AWS for the embedded broker, also malformed ones. */
function heard(environment: Environment): Environment {
  if (environment.DOORBELL_BROKER !== 'embedded') return environment;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}

/** Reads only the data folder from the environment. */
export function homeOf(environment: Environment): string {
  return stated(environment, 'DOORBELL_HOME') ?? devVariables.DOORBELL_HOME.default;
}

/** Names the variable that sets a port, so that another port can be chosen. */
export function variableOfPort({ publisher, consumers }: Ports, port: number): string {
  const taken = Object.keys(consumers).find((name) => consumers[name] === port);
  return publisher === port || taken === undefined ? 'DOORBELL_PUBLISHER_PORT' : portVariable(taken);
}
