import type { MessageAttributes } from '../../../contracts/wire/attributes.ts';
import type { DeadLetter } from '../../runtime/queue/queue.ts';

/** An entry of SendMessageBatch. */
export type SendEntry = { Id: string; MessageBody: string; MessageAttributes: MessageAttributes };

/** 200 KB a call: with its attributes safely below 256 KiB, which every SQS takes. A larger letter travels alone. */
const CALL_BYTES = 200_000;

/** Entries in as many calls as their size asks for. */
export function inCalls(entries: readonly SendEntry[]): SendEntry[][] {
  const calls: SendEntry[][] = [];
  let bytes = Infinity;
  for (const entry of entries) {
    const size = sizeOf(entry);
    bytes += size;
    if (bytes > CALL_BYTES) {
      calls.push([]);
      bytes = size;
    }
    calls.at(-1)?.push(entry);
  }
  return calls;
}

/** A letter as an entry; its id is the letter's place. */
export function toEntry(letter: DeadLetter, place: number): SendEntry {
  return { Id: String(place), MessageBody: fitting(letter.message.body), MessageAttributes: withReason(letter) };
}

function sizeOf({ MessageBody, MessageAttributes }: SendEntry): number {
  return Object.entries(MessageAttributes).reduce(
    (bytes, [name, { StringValue = '' }]) => bytes + name.length + Buffer.byteLength(StringValue),
    Buffer.byteLength(MessageBody),
  );
}

/** 1 MiB less 4 KiB: SQS takes no more (Amazon SQS quotas), and the reason needs room beside it. */
const BODY_BYTES = 1024 * 1024 - 4 * 1024;

/** Cut to fit: whoever sent a megabyte that is no notification can be told by its beginning. */
function fitting(body: string): string {
  const bytes = Buffer.from(body);
  return bytes.length <= BODY_BYTES
    ? body
    : bytes
        .subarray(0, BODY_BYTES)
        .toString('utf8')
        .replace(/\ufffd+$/, '');
}

/** 10: attributes of one message (Amazon SQS quotas). Those of a ring are six; what is over is dropped. */
const ATTRIBUTES_LIMIT = 10;

/** Characters of a detail, and of the stack behind it: the first frames tell what was thrown. */
const LENGTH = { detail: 500, stack: 4_000 };

function withReason({ message, reason, status, version, detail, exception }: DeadLetter): MessageAttributes {
  const stack = exception?.stack === undefined ? '' : `\n${framesOf(exception.stack)}`;
  const why: MessageAttributes = {
    reason: { DataType: 'String', StringValue: reason },
    detail: {
      DataType: 'String',
      StringValue: printable(detail, LENGTH.detail) + printable(stack, LENGTH.stack) || '-',
    },
    attempts: { DataType: 'Number', StringValue: String(message.receiveCount) },
    ...(status !== undefined && { status: { DataType: 'Number', StringValue: String(status) } }),
    ...(version !== undefined && { version: { DataType: 'Number', StringValue: String(version) } }),
  };
  const room = ATTRIBUTES_LIMIT - Object.keys(why).length;
  // A binary attribute is none of ours, and Lambda and the lean client write it in ways of their own.
  const own = Object.entries(message.attributes).filter(([, { StringValue }]) => StringValue !== undefined);
  return { ...Object.fromEntries(own.slice(0, room)), ...why };
}

/** SQS refuses control characters in an attribute, save for tab and line ends. */
function printable(text: string, length: number): string {
  return text.slice(0, length).replace(/[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/gu, ' ');
}

/** A stack without its first lines, which repeat the message. */
function framesOf(stack: string): string {
  const start = stack.search(/^\s+at /m);
  return start < 0 ? '' : stack.slice(start);
}
