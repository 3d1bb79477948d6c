import type { Context, Subject } from '../subject.ts';
import { eventIdOf, look, openPool, openSqs } from './sdk.ts';
import { startConsumers } from './sqs-consumers.ts';

/** sqs-consumer as its README shows it: one message, one GET. */
export async function start(context: Context): Promise<Subject> {
  const pool = openPool(context);
  return startConsumers(context, {
    sqs: openSqs(context),
    async handleMessage(message) {
      await look(pool, context, message.Body ?? '', eventIdOf(message));
      return message;
    },
  });
}
