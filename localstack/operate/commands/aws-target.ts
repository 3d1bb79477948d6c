import { InvalidArgumentError } from 'commander';
import { type Environment, stated } from '../../../contracts/environment/unknown.ts';
import { isStandIn } from '../../infrastructure/aws/ask.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import { externalBroker } from '../../start/config.ts';

/** How to reach AWS or a stand-in: what the SDK can't find by itself, and where that is if it isn't AWS's own. */
export type AwsTarget = { client: BrokerClient; endpoint: string | null };

/** What a command says of the place, beside the environment. */
export type TargetOptions = { endpointUrl?: string; region?: string };

/** AWS, or what stands in for it. The SDK's own configuration holds where nothing is said. */
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
 * The same for whoever asks more than SNS and SQS: an environment that sends some services to a stand-in and the others to AWS
 * would deploy into both. Throws an Error that names the variable.
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
    `${name} leads to ${here}, and the other services are asked at ${there}. Say --endpoint-url (or ${EVERYWHERE}) for all of them, or take ${name} away.`,
  );
}

/** Where the environment says that a stand-in is. Throws an Error that names the variable that is malformed. */
function endpointIn(environment: Environment): string | null {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SNS', 'AWS_ENDPOINT_URL_SQS']) {
    const text = stated(environment, name);
    if (text === undefined) continue;
    if (!isEndpoint(text)) throw new Error(`${name}: ${NO_ENDPOINT}`);
    return text;
  }
  return null;
}

/** Whether anybody said that AWS or a stand-in of it is meant, and not what `npm start` runs. */
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

const NO_ENDPOINT = 'It is a URL such as http://127.0.0.1:4566.';
const isEndpoint = (text: string) => URL.canParse(text) && /^https?:/.test(text);

/** Reads the name of a region. */
export function readRegion(text: string): string {
  if (!/^[a-z0-9-]+$/.test(text)) throw new InvalidArgumentError('It is a name such as eu-central-1.');
  return text;
}

/** Reads the stage of a system: it begins the name of everything that is deployed (parameter Stage of the template). */
export function readStage(text: string): string {
  if (!/^[a-z][a-z0-9-]{0,22}$/.test(text))
    throw new InvalidArgumentError('It begins with a lower-case letter and has at most 23 of a-z, 0-9 and -.');
  return text;
}
