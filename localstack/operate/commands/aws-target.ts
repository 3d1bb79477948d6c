import { InvalidArgumentError } from 'commander';
import { type Environment, stated } from '../../../contracts/environment/unknown.ts';
import { isStandIn } from '../../infrastructure/aws/ask.ts';
import { externalBroker } from '../../infrastructure/external-broker.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';

/** The way to AWS or to a stand-in: settings for the SDK's clients, and the endpoint if it is not one of AWS's own. */
export type AwsTarget = { client: BrokerClient; endpoint: string | null };

/** Options of a command that choose AWS or a stand-in. They go before the environment. */
export type TargetOptions = { endpointUrl?: string; region?: string };

/** Finds AWS or its stand-in from options and environment. The SDK's own configuration fills in the rest. */
export function awsTarget({ endpointUrl, region }: TargetOptions, environment: NodeJS.ProcessEnv): AwsTarget {
  const endpoint = endpointUrl ?? endpointIn(environment);
  return {
    client: {
      ...externalBroker(environment, endpoint ?? undefined),
      ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
      ...(region !== undefined && { region }),
    },
    endpoint,
  };
}

/**
 * Finds AWS or its stand-in for commands that call more services than SNS and SQS. An environment that sends some
 * services to a stand-in and others to AWS is refused: one deployment would go to both. Throws an Error that names
 * the variable.
 */
export function singleTarget(options: TargetOptions, environment: NodeJS.ProcessEnv): AwsTarget {
  if (options.endpointUrl !== undefined) return awsTarget(options, environment);
  const general = stated(environment, EVERYWHERE) ?? null;
  for (const name of Object.keys(environment).filter((each) => each.startsWith(`${EVERYWHERE}_`)))
    refuseOther(name, stated(environment, name) ?? general, general);
  return awsTarget(options, { ...environment, AWS_ENDPOINT_URL_SNS: '', AWS_ENDPOINT_URL_SQS: '' });
}

const EVERYWHERE = 'AWS_ENDPOINT_URL';

function refuseOther(name: string, one: string | null, general: string | null): void {
  const worlds = [one, general].map((url) => url !== null && isEndpoint(url) && isStandIn(url));
  if (worlds[0] === worlds[1]) return;
  const [here, there] = worlds[0] ? ['a stand-in', 'AWS'] : ['AWS', 'a stand-in'];
  throw new Error(
    `${name} leads to ${here}, but the other services are called at ${there}. ` +
      `Give one endpoint for all of them by --endpoint-url (or ${EVERYWHERE}), or remove ${name}.`,
  );
}

/** Reads the endpoint of a stand-in from the environment. Throws an Error that names a malformed variable. */
function endpointIn(environment: Environment): string | null {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SNS', 'AWS_ENDPOINT_URL_SQS']) {
    const text = stated(environment, name);
    if (text === undefined) continue;
    if (!isEndpoint(text)) throw new Error(`${name}: ${NO_ENDPOINT}`);
    return text;
  }
  return null;
}

/** Tells whether an option or a variable asks for AWS or a stand-in, in place of the system of `npm start`. */
export function isAwsMeant({ endpointUrl, region }: TargetOptions, environment: NodeJS.ProcessEnv): boolean {
  const { DOORBELL_BROKER, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SNS, AWS_ENDPOINT_URL_SQS } = environment;
  const said = [endpointUrl, region, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SNS, AWS_ENDPOINT_URL_SQS];
  return DOORBELL_BROKER === 'aws' || said.some((each) => each !== undefined && each !== '');
}

/** Reads the URL of a stand-in. */
export function readEndpoint(text: string): string {
  if (!isEndpoint(text)) throw new InvalidArgumentError(NO_ENDPOINT);
  return text.replace(/\/$/, '');
}

const NO_ENDPOINT = 'Give a URL such as http://127.0.0.1:4566.';
const isEndpoint = (text: string) => URL.canParse(text) && /^https?:/.test(text);

/** Reads the name of a region. */
export function readRegion(text: string): string {
  if (!/^[a-z0-9-]+$/.test(text)) throw new InvalidArgumentError('Give a name such as eu-central-1.');
  return text;
}

/** Reads a stage. Every deployed name begins with it (parameter Stage of the template). */
export function readStage(text: string): string {
  if (!/^[a-z][a-z0-9-]{0,22}$/.test(text))
    throw new InvalidArgumentError('Give at most 23 of a-z, 0-9 and -, beginning with a letter.');
  return text;
}
