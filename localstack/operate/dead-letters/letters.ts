import type { Progress } from '../../../consumers/runtime/feed/progress.ts';
import type { Message, Queue } from '../../../consumers/runtime/queue/queue.ts';
import { readAttributes } from '../../../contracts/wire/attributes.ts';
import { resourceIdOf } from '../../../contracts/wire/notification.ts';
import { chunksOf } from '../chunks.ts';

/** A message of a dead-letter queue, with its facts for people. */
export type Letter = {
  message: Message;
  /** The shop of the notification; null if the body is no notification. */
  shopId: string | null;
  version: number | null;
  /** Why it was buried; `received-too-often` if SQS itself moved it. */
  reason: string;
  status: string;
  detail: string;
  attempts: string;
  /** When it was first sent, in milliseconds since the epoch. */
  sentAt: number;
};

/** Letters with the same reason and status. */
export type LetterGroup = {
  reason: string;
  status: string;
  letters: number;
  /** Letters whose view is as new, so that no look is needed; null if the views are not known. */
  covered: number | null;
  first: number;
  last: number;
};

type Taking = Pick<Queue, 'receive' | 'release'>;

/** Reads every dead letter without removing it. SQS can only receive messages, so they are received and released. */
export async function peekLetters(queue: Taking, signal: AbortSignal): Promise<Letter[]> {
  const messages = new Map<string, Message>();
  for (;;) {
    const some = await queue.receive(10, 1, signal);
    // A message comes again only after all others.
    if (some.every(({ messageId }) => messages.has(messageId))) break;
    for (const message of some) messages.set(message.messageId, message);
  }
  const all = [...messages.values()];
  for (const some of chunksOf(all, 10)) await queue.release(some.map((message) => ({ message, seconds: 0 })));
  return all.map(toLetter).toSorted((a, b) => a.sentAt - b.sentAt);
}

/** Reads a message as a dead letter. Pure. */
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

/** Reads the dead letters that a consumer without a broker keeps with its progress, oldest first. */
export function keptLetters(progress: Progress | null): Letter[] {
  const letters = (progress?.poison ?? []).map(([id, { version, reason, status, detail, at }]): Letter => {
    const message = { messageId: `feed-${id}`, receiptHandle: '', body: JSON.stringify({ id }), attributes: {} };
    return {
      message: { ...message, receiveCount: 1, sentAt: at },
      ...{ shopId: id, version, reason, status: String(status ?? ''), detail, attempts: '1', sentAt: at },
    };
  });
  return letters.toSorted((a, b) => a.sentAt - b.sentAt);
}

/** Groups letters by reason and status. `views` has the current version of each view, or is null. */
export function groupLetters(letters: readonly Letter[], views: ReadonlyMap<string, number> | null): LetterGroup[] {
  const groups = Map.groupBy(letters, ({ reason, status }) => `${reason} ${status}`);
  return [...groups.values()].map((group) => {
    const [{ reason, status, sentAt: first } = { reason: '', status: '', sentAt: 0 }] = group;
    const covered = views && group.filter((letter) => isCovered(letter, views)).length;
    return { reason, status, letters: group.length, covered, first, last: group.at(-1)?.sentAt ?? first };
  });
}

/** Tells whether the view is at least as new as the letter, so that no look is needed. */
export function isCovered({ shopId, version }: Letter, views: ReadonlyMap<string, number>): boolean {
  return shopId !== null && version !== null && (views.get(shopId) ?? 0) >= version;
}
