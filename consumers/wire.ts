import type { ConsumerConfig } from './config.ts';
import type { Part } from './part.ts';
import type { SqsClientSettings, StartOptions } from './service/options.ts';
import { type RunningConsumer, startConsumer } from './service/start-consumer.ts';

/** Parts that a consumer takes besides its configuration. */
export type ConsumerParts = Pick<StartOptions<unknown, unknown>, 'log' | 'signals' | 'observe'> & {
  /** Settings for the embedded broker; the SDK's own configuration otherwise. */
  sqs?: SqsClientSettings;
};

/** Starts a consumer of this repository by its configuration: worker and query API in one process. Throws PortTaken. */
export function startPart<Resource, View>(
  { consumer, indexes, queryApi }: Part<Resource, View>,
  config: ConsumerConfig,
  { sqs, ...parts }: ConsumerParts,
): Promise<RunningConsumer> {
  const { queueUrl = '', deadLetterQueueUrl = '', transport, sourceUrl, sourceToken, views, window, brake } = config;
  const { port, host, keepAlive } = config;
  return startConsumer({
    ...{ consumer, indexes, queryApi },
    source: { url: sourceUrl, token: sourceToken },
    broker: config.broker === 'feed' ? 'feed' : { queueUrl, deadLetterQueueUrl, transport, client: sqs },
    store: views,
    http: { port, host, keepAlive },
    window,
    brake,
    ...parts,
  });
}
