import * as z from 'zod/mini';
import { firstIssue } from '../contracts/wire/issues.ts';
import { answering } from './brokers/sqs/answering.ts';
import { createAwsCall, credentialsOf } from './lambda/aws-call.ts';
import { type HandlerConfig, readHandlerConfig } from './lambda/config.ts';
import { kept } from './lambda/kept.ts';
import { createFunctionMetrics, type FunctionMetrics } from './lambda/metrics.ts';
import { type Machine, type Outside, outsideOf, watching } from './lambda/outside.ts';
import { renewingSource } from './lambda/renewing-source.ts';
import { openSecret } from './lambda/secret.ts';
import type { Part } from './part.ts';
import { createSourceClient } from './runtime/source/client.ts';
import { createSqsHandler, type LambdaContext, type SqsBatchResponse, type SqsEvent } from './runtime/sqs-handler.ts';
import { consumerVariables } from './variables.ts';

/**
 * Makes a consumer as a function that SQS invokes. Its parts are made at the first invocation and kept: connections,
 * versions, answers, the token. Where that fails it throws, so that all messages of the event come again.
 */
export function sqsFunction<Resource, View>(
  part: Pick<Part<Resource, View>, 'consumer' | 'indexes'>,
  given: Partial<Outside<View>> = {},
): (event: SqsEvent, context: LambdaContext) => Promise<SqsBatchResponse> {
  const outside = outsideOf(given);
  const parts = kept(() => openParts(part, readHandlerConfig(outside.environment), outside));
  return async (event, context) => {
    const { handler, metrics } = await parts();
    try {
      return await handler(event, context);
    } finally {
      const line = metrics.line(outside.clock.now());
      if (line !== null) outside.print(line);
    }
  };
}

type SqsParts = { handler: ReturnType<typeof createSqsHandler>; metrics: FunctionMetrics };

async function openParts<Resource, View>(
  { consumer, indexes }: Pick<Part<Resource, View>, 'consumer' | 'indexes'>,
  config: HandlerConfig,
  outside: Outside<View>,
): Promise<SqsParts> {
  const { clock, http, openStore, print } = outside;
  const { stage, table, queueUrl, deadLetterQueueUrl, sourceUrl, tokenArn } = config;
  const token = await openSecret(() => readSecret(tokenArn, config, outside), clock);
  const metrics = createFunctionMetrics({ Stage: stage, Consumer: consumer.agreement.name });
  const observe = watching(print, metrics.observe);
  const source = createSourceClient(consumer.agreement, { url: sourceUrl, token: token.value, clock, http });
  const call = awsCall('sqs', config, outside);
  const handler = createSqsHandler({
    consumer,
    queue: answering(call, { queueUrl, deadLetterQueueUrl }),
    source: renewingSource(source, token),
    store: openStore({ table, indexes, clock }),
    clock,
    observe,
  });
  return { handler, metrics };
}

function awsCall(service: 'sqs' | 'secretsmanager', { aws }: HandlerConfig, outside: Machine) {
  const { environment, clock, http } = outside;
  const credentials = () => credentialsOf(environment);
  return createAwsCall({ service, endpoint: aws[service], region: aws.region, credentials, http, clock });
}

async function readSecret(arn: string, config: HandlerConfig, outside: Machine): Promise<string> {
  const { SecretString } = await awsCall('secretsmanager', config, outside)('GetSecretValue', { SecretId: arn });
  const token = z.safeParse(consumerVariables.DOORBELL_SOURCE_TOKEN.schema, SecretString);
  if (token.success) return token.data;
  throw new Error(
    `The secret ${arn} holds no token. Set its SecretString to ${firstIssue(token.error)}, without JSON and without a line end.`,
  );
}
