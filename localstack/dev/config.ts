import * as z from 'zod/mini';
import { consumersOf } from '../../contracts/agreement.ts';
import { agreements } from '../../contracts/agreements/all.ts';
import { postgresUrl, readEnvironment } from '../../contracts/environment.ts';
import type { RelayKind } from '../../publisher/config.ts';
import type { BrokerClient } from '../provision.ts';
import type { Ports } from '../system.ts';

const port = (otherwise: number) =>
  z._default(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(65_535)), otherwise);

/** 3000, and the consumers in their order after it. */
const PUBLISHER_PORT = 3000;

/** Display listens where `DOORBELL_DISPLAY_PORT` says, and so on. */
const portVariable = (name: string) => `DOORBELL_${name.toUpperCase().replaceAll('-', '_')}_PORT`;

const consumerPorts = Object.fromEntries(
  consumersOf(agreements).map(({ name }, n) => [portVariable(name), port(PUBLISHER_PORT + 1 + n)]),
);

const Environment = z.object({
  ...consumerPorts,
  DOORBELL_PUBLISHER_PORT: port(PUBLISHER_PORT),
  DOORBELL_HOME: z._default(z.string(), '.doorbell'),
  DOORBELL_RELAY: z._default(z.enum(['position', 'log'], { error: 'must be position or log' }), 'position'),
  DOORBELL_BROKER: z.optional(z.enum(['embedded', 'aws'])),
  DATABASE_URL: z.optional(postgresUrl),
  DATABASE_ADMIN_URL: z.optional(postgresUrl),
  AWS_ENDPOINT_URL: z.optional(z.url()),
  AWS_ENDPOINT_URL_SNS: z.optional(z.url()),
  AWS_ENDPOINT_URL_SQS: z.optional(z.url()),
});

/** How `npm start` runs; `broker` is null for the embedded one. */
export type DevConfig = {
  ports: Ports;
  home: string;
  databaseUrl: string | null;
  databaseAdminUrl: string | undefined;
  broker: BrokerClient | null;
  relay: RelayKind;
};

/** Reads the environment. Throws an Error that names every variable that is malformed. */
export function readDevConfig(environment: NodeJS.ProcessEnv): DevConfig {
  const { DOORBELL_PUBLISHER_PORT: publisher, ...rest } = readEnvironment(Environment, environment);
  const ports: Record<string, unknown> = rest;
  const consumers = Object.fromEntries(agreements.map(({ name }) => [name, Number(ports[portVariable(name)])]));
  const endpoint = rest.AWS_ENDPOINT_URL ?? rest.AWS_ENDPOINT_URL_SNS ?? rest.AWS_ENDPOINT_URL_SQS;
  const isExternal = rest.DOORBELL_BROKER === 'aws' || (rest.DOORBELL_BROKER === undefined && endpoint !== undefined);
  return {
    ports: { publisher, consumers },
    home: rest.DOORBELL_HOME,
    databaseUrl: rest.DATABASE_URL ?? null,
    databaseAdminUrl: rest.DATABASE_ADMIN_URL,
    broker: isExternal ? externalBroker(environment, endpoint) : null,
    relay: rest.DOORBELL_RELAY,
  };
}

/** The variable that chooses another port than the one that is taken. */
export function variableOfPort({ publisher, consumers }: Ports, port: number): string {
  const taken = Object.keys(consumers).find((name) => consumers[name] === port);
  return publisher === port || taken === undefined ? 'DOORBELL_PUBLISHER_PORT' : portVariable(taken);
}

/** The SDK finds endpoint, region and credentials by itself. A stand-in on this machine takes any, so it gets some. */
export function externalBroker(environment: NodeJS.ProcessEnv, endpoint: string | undefined): BrokerClient {
  const isLocal = endpoint !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(endpoint).hostname);
  if (!isLocal) return {};
  return {
    ...(environment.AWS_REGION === undefined && { region: 'us-east-1' }),
    ...(environment.AWS_ACCESS_KEY_ID === undefined &&
      environment.AWS_PROFILE === undefined && { credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }),
  };
}
