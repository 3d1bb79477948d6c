import { Consumer } from 'sqs-consumer';
import type { Context, Subject } from '../subject.ts';
import { eventIdOf, look, openPool, openSqs } from './sdk.ts';

/** sqs-consumer as its README shows it: one message, one GET. */
export async function start(context: Context): Promise<Subject> {
  const sqs = openSqs(context);
  const pool = openPool(context);
  const consumers = Array.from({ length: context.pollers }, () =>
    Consumer.create({
      queueUrl: context.queueUrl,
      sqs,
      batchSize: 10,
      messageAttributeNames: ['All'],
      async handleMessage(message) {
        await look(pool, context, message.Body ?? '', eventIdOf(message));
        return message;
      },
    }),
  );
  for (const consumer of consumers) {
    consumer.on('error', () => {});
    consumer.on('processing_error', () => {});
    consumer.start();
  }
  return {
    async stop() {
      for (const consumer of consumers) consumer.stop();
    },
  };
}
