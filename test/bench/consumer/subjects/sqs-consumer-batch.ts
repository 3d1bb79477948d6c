import { Consumer } from 'sqs-consumer';
import type { Context, Subject } from '../subject.ts';
import { eventIdOf, look, openPool, openSqs } from './sdk.ts';

/** sqs-consumer at its best: ten messages at once, all their GETs together, one delete for all. */
export async function start(context: Context): Promise<Subject> {
  const sqs = openSqs(context);
  const pool = openPool(context);
  const consumers = Array.from({ length: context.pollers }, () =>
    Consumer.create({
      queueUrl: context.queueUrl,
      sqs,
      batchSize: 10,
      messageAttributeNames: ['All'],
      async handleMessageBatch(messages) {
        const looks = messages.map((message) => look(pool, context, message.Body ?? '', eventIdOf(message)));
        const results = await Promise.allSettled(looks);
        return messages.filter((_, n) => results[n]?.status === 'fulfilled');
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
