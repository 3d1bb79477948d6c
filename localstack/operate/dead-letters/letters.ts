import type { Message, Queue } from '../../../consumers/runtime/queue/queue.ts';
import { readAttributes } from '../../../contracts/wire/attributes.ts';
import { resourceIdOf } from '../../../contracts/wire/notification.ts';
import { chunksOf } from '../chunks.ts';

/** A dead letter as a person reads it. */
export type Letter = {
  message: Message;
  /** The shop it is about; null where its body is no notification. */
  shopId: string | null;
  version: number | null;
  /** Why it is here; `received too often` where SQS itself put it here. */
  reason: string;
  status: string;
  detail: string;
  attempts: string;
  /** When SQS first took it: milliseconds since the epoch. */
  sentAt: number;
};

/** Letters of one reason and status. */
export type LetterGroup = {
  reason: string;
  status: string;
  letters: number;
  covered: number;
  first: number;
  last: number;
};

type Taking = Pick<Queue, 'receive' | 'release'>;

/** Looks at every dead letter and leaves it where it is; SQS has no other way than to receive and to hand back. */
export async function peekLetters(queue: Taking, signal: AbortSignal): Promise<Letter[]> {
  const messages = new Map<string, Message>();
  for (;;) {
    const some = await queue.receive(10, 1, signal);
    // What comes twice has been seen: there are no others.
    if (some.every(({ messageId }) => messages.has(messageId))) break;
    for (const message of some) messages.set(message.messageId, message);
  }
  const all = [...messages.values()];
  for (const some of chunksOf(all, 10)) await queue.release(some.map((message) => ({ message, seconds: 0 })));
  return all.map(toLetter).toSorted((a, b) => a.sentAt - b.sentAt);
}

/** Reads a message of a dead-letter queue. */
export function toLetter(message: Message): Letter {
  const text = (name: string) => message.attributes[name]?.StringValue ?? '';
  return {
    message,
    shopId: resourceIdOf(message.body),
    version: readAttributes(message.attributes).version ?? null,
    reason: text('reason') || 'received-too-often',
    status: text('status'),
    detail: text('detail'),
    attempts: text('attempts') || String(message.receiveCount),
    sentAt: message.sentAt,
  };
}

/** Groups letters by reason and status; `views` tells which versions the consumer has by now. */
export function groupLetters(letters: readonly Letter[], views: ReadonlyMap<string, number>): LetterGroup[] {
  const groups = Map.groupBy(letters, ({ reason, status }) => `${reason} ${status}`);
  return [...groups.values()].map((group) => {
    const [{ reason, status, sentAt: first } = { reason: '', status: '', sentAt: 0 }] = group;
    const covered = group.filter((letter) => isCovered(letter, views)).length;
    return { reason, status, letters: group.length, covered, first, last: group.at(-1)?.sentAt ?? first };
  });
}

/** Whether the view is as new as the letter by now: there is nothing left to look at. */
export function isCovered({ shopId, version }: Letter, views: ReadonlyMap<string, number>): boolean {
  return shopId !== null && version !== null && (views.get(shopId) ?? 0) >= version;
}
