import * as z from 'zod/mini';
import { foreignForm, foreignKeys } from './foreign-body.ts';
import { ResourceId } from './resource.ts';

/** 256 bytes: an id and a type fit easily, a payload does not. */
export const NOTIFICATION_LIMIT = 256;

const TYPE_LIMIT = 64;

/**
 * A type is lower-case words joined by `.` and `-`. Future types must parse, so the list of today's types is not used.
 */
export const TypeName = z
  .string()
  .check(z.maxLength(TYPE_LIMIT), z.regex(/^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/, 'lower-case words joined by . and -'));

/** The whole message: the resource's id and the type of change. There is no room for a third key. */
export const Notification = z.strictObject({ id: ResourceId, type: TypeName });
export type Notification = z.output<typeof Notification>;

/** Reason why a body is no notification; a closed list. */
export type NotificationFault = 'too-long' | 'not-json' | 'not-an-object' | 'extra-key' | 'bad-key';

/** A body is no notification. `message` names the key and says what was expected. */
export class NotificationError extends Error {
  override name = 'NotificationError';
  readonly fault: NotificationFault;
  constructor(fault: NotificationFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** Writes the body: JSON, ASCII, two keys, at most 256 bytes. Throws NotificationError for anything else. */
export function encodeNotification(notification: Notification): string {
  const { id, type } = check(notification);
  return JSON.stringify({ id, type });
}

/**
 * A body as encodeNotification writes it. The schema reads every other form, and ids of one or two characters, since `.`
 * and `..` are no ids.
 */
const CANONICAL = /^\{"id":"([A-Za-z0-9._~:-]{3,128})","type":"([a-z][a-z0-9]*(?:[.-][a-z0-9]+)*)"\}$/;

/** A text of JSON with its escapes (RFC 8259, 7): a quotation mark within has a backslash in front of it. */
const TEXT = /"(?:[^"\\]|\\.)*"/g;

/**
 * Parses a body from a queue. A byte order mark is ignored, as RFC 8259, 8.1 allows a parser to do, but counts among
 * the 256 bytes. Throws NotificationError, which names the form of the body and says how to set up its sender.
 */
export function parseNotification(body: string): Notification {
  try {
    return readNotification(body);
  } catch (error) {
    const form = error instanceof NotificationError ? foreignForm(body) : null;
    if (form === null) throw error;
    throw new NotificationError((error as NotificationError).fault, form);
  }
}

function readNotification(body: string): Notification {
  const [, id, type] = (body.length <= NOTIFICATION_LIMIT && CANONICAL.exec(body)) || [];
  if (id !== undefined && type !== undefined && type.length <= TYPE_LIMIT) return { id, type };
  // Size first: 256 KB or 10,000 levels of nesting are refused before the schema sees them.
  if (Buffer.byteLength(body) > NOTIFICATION_LIMIT) throw tooLong(body);
  const notification = check(parseJson(body.replace(/^\ufeff/, '')));
  // JSON.parse takes the last of two equal keys. So colons outside of texts are counted: one for each key.
  if (body.replaceAll(TEXT, '').split(':').length > 3)
    throw new NotificationError('extra-key', 'a key occurs twice: send id and type only, each once');
  return notification;
}

function tooLong(body: string): NotificationError {
  const keys = foreignKeys(body);
  const payload = keys === '' ? '' : `, and no room for a payload: ${keys}`;
  return new NotificationError(
    'too-long',
    `${Buffer.byteLength(body)} bytes; a notification has at most 256${payload}`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new NotificationError('not-json', 'the body is not JSON');
  }
}

function check(value: unknown): Notification {
  const parsed = Notification.safeParse(value);
  if (parsed.success) return parsed.data;
  // An unknown key says more than a missing one: "shopId" rather than "id".
  const { issues } = parsed.error;
  throw refusal(issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]);
}

function refusal(issue: z.core.$ZodIssue | undefined): NotificationError {
  if (issue?.code === 'unrecognized_keys')
    return new NotificationError(
      'extra-key',
      `"${issue.keys.join('", "')}" ${issue.keys.length > 1 ? 'have' : 'has'} no place in a notification: id and type only`,
    );
  if (issue?.path.length) return new NotificationError('bad-key', `"${issue.path.join('.')}": ${issue.message}`);
  return new NotificationError('not-an-object', 'a notification is an object with the keys id and type');
}

/** Reads the id in a body, or null where the body is no notification. */
export function resourceIdOf(body: string): string | null {
  try {
    return parseNotification(body).id;
  } catch (error) {
    if (error instanceof NotificationError) return null;
    throw error;
  }
}
