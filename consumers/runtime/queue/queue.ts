import type { MessageAttributes } from '../../../contracts/wire/attributes.ts';

/** A message as SQS hands it out. */
export type Message = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: MessageAttributes;
  /** Number of receives, this one included. */
  receiveCount: number;
  /** When SQS took it: milliseconds since the epoch, by SQS's clock. */
  sentAt: number;
};

/** A message that can't succeed, on its way to the dead-letter queue, and why. */
export type DeadLetter = {
  message: Message;
  reason: FaultCode;
  /** HTTP status of the source's answer, if there was one. */
  status?: number;
  /** The resource's version that could not be looked at, as far as it is known. */
  version?: number;
  detail: string;
  /** Path of the fault in the answer or in the view, as in `menu.0.price`; where `project` threw, what it read last. */
  field?: string;
  /** The error that `project` threw. */
  exception?: Error;
};

/** Why a message can't succeed; a closed list. */
export type FaultCode =
  /** The body is no notification. */
  | 'malformed-notification'
  /** The source's answer fails the agreement's schema, or is about another resource. */
  | 'agreement-broken'
  /** The source answers 400, 401, 403, 422 or another status that asking again won't change. */
  | 'source-refused'
  /** `project` threw. */
  | 'projection-failed'
  /** The result of `project` does not fit the view's schema, or is larger than the store takes. */
  | 'view-invalid';

/** The calls a consumer makes on its queue. Each takes at most ten entries and answers with the indexes that failed. */
export type Queue = {
  /** Waits up to `waitSeconds` for up to `most` messages. Rejects when the signal aborts. */
  receive: (most: number, waitSeconds: number, signal: AbortSignal) => Promise<Message[]>;
  /** Deletes messages for good. */
  remove: (messages: readonly Message[]) => Promise<number[]>;
  /** Makes messages visible again after so many seconds, 0 to 43,200. */
  release: (entries: readonly { message: Message; seconds: number }[]) => Promise<number[]>;
  /** Puts messages into the dead-letter queue with their reasons. */
  bury: (letters: readonly DeadLetter[]) => Promise<number[]>;
};

/** 10: entries of an SQS batch call (Amazon SQS quotas). */
export const QUEUE_BATCH = 10;
/** 20 s: the longest long poll (Amazon SQS API, ReceiveMessage). */
export const LONG_POLL_SECONDS = 20;
