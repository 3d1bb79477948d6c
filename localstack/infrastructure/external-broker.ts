import { type Environment, stated } from '../../contracts/environment/unknown.ts';
import { isStandIn } from './aws/ask.ts';
import type { BrokerClient } from './provision.ts';

/**
 * Configures an SDK client. For AWS the SDK finds all settings itself; a stand-in accepts any, so it gets fixed ones.
 */
export function externalBroker(environment: Environment, endpoint: string | undefined): BrokerClient {
  if (!isStandIn(endpoint ?? null)) return {};
  const isForAll = ['SNS', 'SQS'].every((service) => stated(environment, `AWS_ENDPOINT_URL_${service}`) === undefined);
  return {
    // Commands in another terminal read it from run.json, because the variable is not set there.
    ...(isForAll && endpoint !== undefined && { endpoint }),
    ...(environment.AWS_REGION === undefined && { region: 'us-east-1' }),
    ...(environment.AWS_ACCESS_KEY_ID === undefined &&
      environment.AWS_PROFILE === undefined && { credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }),
  };
}
