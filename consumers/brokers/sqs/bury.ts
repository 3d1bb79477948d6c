import type { MessageAttributes } from '../../../contracts/wire/attributes.ts';
import type { DeadLetter } from '../../runtime/queue/queue.ts';

/** An entry of SendMessageBatch. */
export type SendEntry = { Id: string; MessageBody: string; MessageAttributes: MessageAttributes };

/** 200 KB a call: with its attributes safely below 256 KiB, which every SQS takes. A larger letter is sent alone. */
const CALL_BYTES = 200_000;

/** Splits entries into calls by size. */
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

/** Makes an entry of a letter; its id is the letter's place. */
export function toEntry(letter: DeadLetter, place: number): SendEntry {
  return { Id: String(place), MessageBody: fitting(letter.message.body), MessageAttributes: withReason(letter) };
}

function sizeOf({ MessageBody, MessageAttributes }: SendEntry): number {
  return Object.entries(MessageAttributes).reduce(
    (bytes, [name, { StringValue = '' }]) => bytes + name.length + Buffer.byteLength(StringValue),
    Buffer.byteLength(MessageBody),
  );
}

/** 1 MiB less 4 KiB: SQS takes at most 1 MiB (Amazon SQS quotas), and the reason needs room beside the body. */
const BODY_BYTES = 1024 * 1024 - 4 * 1024;

/** Cuts a body to fit. The beginning is enough to find the sender of a megabyte that is no notification. */
function fitting(body: string): string {
  const bytes = Buffer.from(body);
  return bytes.length <= BODY_BYTES
    ? body
    : bytes
        .subarray(0, BODY_BYTES)
        .toString('utf8')
        .replace(/\ufffd+$/, '');
}

/** 10: attributes of one message (Amazon SQS quotas). A ring has six; attributes beyond ten are dropped. */
const ATTRIBUTES_LIMIT = 10;

/** Characters of a detail, and of the stack behind it: the first frames show where the error was thrown. */
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
  // Doorbell sends no binary attributes, and Lambda and the lean client write them in different forms.
  const own = Object.entries(message.attributes).filter(([, { StringValue }]) => StringValue !== undefined);
  return { ...Object.fromEntries(own.slice(0, room)), ...why };
}

/** Removes control characters, which SQS refuses in an attribute, except tab and line ends. */
function printable(text: string, length: number): string {
  return text.slice(0, length).replace(/[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/gu, ' ');
}

/** Returns a stack without its first lines, which repeat the message. */
function framesOf(stack: string): string {
  const start = stack.search(/^\s+at /m);
  return start < 0 ? '' : stack.slice(start);
}
