import type { DeadLetter, Queue } from '../../runtime/queue/queue.ts';
import { inCalls, type SendEntry, toEntry } from './bury.ts';
import type { SqsAnswer, SqsCall } from './sdk.ts';

/** Makes the calls that give messages back to the queue and dead-letter them, with any function that makes calls. */
export function answering(
  call: SqsCall,
  { queueUrl, deadLetterQueueUrl }: { queueUrl: string; deadLetterQueueUrl: string },
): Pick<Queue, 'release' | 'bury'> {
  return {
    async release(entries) {
      const Entries = entries.map(({ message, seconds }, n) => {
        return { Id: String(n), ReceiptHandle: message.receiptHandle, VisibilityTimeout: seconds };
      });
      return failures(await call('ChangeMessageVisibilityBatch', { QueueUrl: queueUrl, Entries }));
    },
    bury: (letters) => bury(letters, deadLetterQueueUrl, call),
  };
}

async function bury(letters: readonly DeadLetter[], QueueUrl: string, call: SqsCall): Promise<number[]> {
  const failed = await Promise.all(
    inCalls(letters.map(toEntry)).map((Entries) =>
      call('SendMessageBatch', { QueueUrl, Entries }).then(
        (answer) => unnamed(Entries, answer),
        () => unnamed(Entries, {}),
      ),
    ),
  );
  return failed.flat();
}

/**
 * Finds entries that the answer does not confirm. They count as not sent: otherwise their messages would be deleted and
 * lost.
 */
function unnamed(entries: readonly SendEntry[], { Successful }: SqsAnswer): number[] {
  const sent = new Set(Successful?.map(({ Id }) => Id));
  return entries.filter(({ Id }) => !sent.has(Id)).map(({ Id }) => Number(Id));
}

/** Finds the places of the entries that failed. */
export function failures({ Failed }: SqsAnswer): number[] {
  return (Failed ?? []).map(({ Id }) => Number(Id));
}
