import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import type { BrokerClient } from '../../localstack/infrastructure/provision.ts';
import { stackName } from '../../localstack/operate/deploy/name.ts';

/** The signature that tells ministack which service is meant; it checks none. */
const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/apigateway/aws4_request';

/**
 * Does by hand what ministack 1.5.33 leaves undone of a template: it takes no routes from the body of an HTTP API, which
 * then answers 404 to everything, and keeps the maximum concurrency of an event source as the text that parameters are,
 * over which its own poller stumbles. Gives back where an API is reached: no host of its name resolves.
 */
export async function finishOnMinistack(client: BrokerClient, stage: string) {
  await numberConcurrency(client);
  const { items } = await call<{ items: Api[] }>(client, '/v2/apis');
  const urls: Record<string, string> = {};
  for (const { apiId, tags } of items.filter((api) => api.tags['aws:cloudformation:stack-name'] === stackName(stage))) {
    const side = (tags['aws:cloudformation:logical-id'] ?? '').replace('HttpApi', '').toLowerCase();
    const functionName = `${stage}-${side === 'publisher' ? 'publisher-api' : `${side}-queries`}`;
    await route(client, apiId, `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`);
    urls[side] = `${client.endpoint}/_aws/execute-api/${apiId}/$default`;
  }
  return urls;
}

type Api = { apiId: string; tags: Record<string, string> };

async function numberConcurrency(client: BrokerClient): Promise<void> {
  const lambda = new LambdaClient(client);
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  for (const { UUID, ScalingConfig } of EventSourceMappings) {
    const MaximumConcurrency = Number(ScalingConfig?.MaximumConcurrency);
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, ScalingConfig: { MaximumConcurrency } }));
  }
  lambda.destroy();
}

async function route(client: BrokerClient, apiId: string, integrationUri: string): Promise<void> {
  const proxy = { integrationType: 'AWS_PROXY', integrationUri, payloadFormatVersion: '2.0' };
  const path = `/v2/apis/${apiId}`;
  const { integrationId } = await call<{ integrationId: string }>(client, `${path}/integrations`, proxy);
  await call(client, `${path}/routes`, { routeKey: '$default', target: `integrations/${integrationId}` });
}

async function call<Answer>({ endpoint }: BrokerClient, path: string, body?: object): Promise<Answer> {
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json' };
  const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(endpoint + path, { headers, ...request });
  if (!answer.ok) throw new Error(`${path} was answered by ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
