import type { SQSClient } from '@aws-sdk/client-sqs';
import { MessageHandlerConfigBuilder } from '@message-queue-toolkit/core';
import { AbstractSqsConsumer } from '@message-queue-toolkit/sqs';
import { z } from 'zod';
import type { Context, Subject } from '../subject.ts';
import { look, openPool, openSqs } from './sdk.ts';

const Notification = z.object({ id: z.string(), type: z.literal('shop.details-changed') });
type Notification = z.output<typeof Notification>;

/** message-queue-toolkit as its README shows it; its handler never sees message attributes, so latency is taken by shop. */
class ShopConsumer extends AbstractSqsConsumer<Notification, Context> {
  constructor(sqsClient: SQSClient, context: Context, handle: (message: Notification) => Promise<void>) {
    const quiet = () => {};
    const logger = {
      error: quiet,
      warn: quiet,
      info: quiet,
      debug: quiet,
      trace: quiet,
      fatal: quiet,
      child: () => logger,
      level: 'error',
      isLevelEnabled: () => false,
    };
    super(
      {
        sqsClient,
        logger: logger as never,
        errorReporter: { report: quiet },
        consumerErrorResolver: { processError: (error: unknown) => error as Error } as never,
        transactionObservabilityManager: {
          start: quiet,
          startWithGroup: quiet,
          stop: quiet,
          addCustomAttributes: quiet,
        } as never,
      },
      {
        messageTypeResolver: { messageTypePath: 'type' },
        locatorConfig: { queueUrl: context.queueUrl },
        concurrentConsumersAmount: context.pollers,
        consumerOverrides: { batchSize: 10 },
        handlers: new MessageHandlerConfigBuilder<Notification, Context>()
          .addConfig(Notification, async (message) => {
            await handle(message);
            return { result: 'success' };
          })
          .build(),
      } as never,
      context,
    );
  }
}

/** Ten concurrent consumers, a GET per message. */
export async function start(context: Context): Promise<Subject> {
  const pool = openPool(context);
  const consumer = new ShopConsumer(openSqs(context), context, (message) =>
    look(pool, context, JSON.stringify(message), `shop ${message.id}`),
  );
  await consumer.start();
  return { stop: () => consumer.close() };
}
