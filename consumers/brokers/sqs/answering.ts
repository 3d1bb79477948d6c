import type { DeadLetter, Queue } from '../../runtime/queue/queue.ts';
import { inCalls, type SendEntry, toEntry } from './bury.ts';
import type { SqsAnswer, SqsCall } from './sdk.ts';

/** The calls that hand messages back and bury them, by whatever makes calls. */
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

/** What is not said to be there is not: its message would be deleted, and be nowhere. */
function unnamed(entries: readonly SendEntry[], { Successful }: SqsAnswer): number[] {
  const sent = new Set(Successful?.map(({ Id }) => Id));
  return entries.filter(({ Id }) => !sent.has(Id)).map(({ Id }) => Number(Id));
}

/** The places of the entries that failed. */
export function failures({ Failed }: SqsAnswer): number[] {
  return (Failed ?? []).map(({ Id }) => Number(Id));
}
