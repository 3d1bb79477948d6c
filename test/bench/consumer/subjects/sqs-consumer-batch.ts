import type { Context, Subject } from '../subject.ts';
import { eventIdOf, look, openPool, openSqs } from './sdk.ts';
import { startConsumers } from './sqs-consumers.ts';

/** sqs-consumer at its best: ten messages at once, all their GETs together, one delete for all. */
export async function start(context: Context): Promise<Subject> {
  const pool = openPool(context);
  return startConsumers(context, {
    sqs: openSqs(context),
    async handleMessageBatch(messages) {
      const looks = messages.map((message) => look(pool, context, message.Body ?? '', eventIdOf(message)));
      const results = await Promise.allSettled(looks);
      return messages.filter((_, n) => results[n]?.status === 'fulfilled');
    },
  });
}
