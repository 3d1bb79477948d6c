import { Consumer, type ConsumerOptions } from 'sqs-consumer';
import type { Context, Subject } from '../subject.ts';

/** As many consumers of sqs-consumer as there are pollers; what they do with messages is said by `handling`. */
export function startConsumers(
  { queueUrl, pollers }: Context,
  handling: Pick<ConsumerOptions, 'sqs' | 'handleMessage' | 'handleMessageBatch'>,
): Subject {
  const options = { queueUrl, batchSize: 10, messageAttributeNames: ['All'], ...handling };
  const consumers = Array.from({ length: pollers }, () => Consumer.create(options as ConsumerOptions));
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
