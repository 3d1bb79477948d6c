import * as z from 'zod/mini';
import { NOTIFICATION_LIMIT, Notification, TypeName } from '../wire/notification.ts';
import { examples } from './examples.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import { vocabulary } from './vocabulary.ts';

const wholeNumber = z.string().check(z.regex(/^[1-9][0-9]{0,15}$/));

/** Attributes of a ring on the wire: all of them are text, whatever type is declared to SNS. */
export const RingAttributes = z.object({
  type: TypeName,
  eventId: z.optional(z.uuid()),
  version: z.optional(wholeNumber),
  occurredAt: z.optional(wholeNumber),
  traceparent: z.optional(z.string().check(z.regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/))),
  lane: z.optional(z.enum(['replay', 'bootstrap'])),
});

const { shape } = RingAttributes;
const say = (schema: z.core.$ZodType, description: string, example: string) =>
  vocabulary.add(schema, { description, examples: [example] });

vocabulary.add(RingAttributes, {
  description: 'Transport facts about the ring, never data of the shop. A message without them works as well.',
});
say(shape.eventId, 'String. UUIDv7 of the event: two real changes can have the same body.', examples.eventId);
say(shape.version, "Number. The shop's version at that event.", String(examples.version));
say(shape.occurredAt, 'Number. Milliseconds since the epoch: for measuring lag, never for ordering.', '1795515300000');
say(shape.traceparent, 'String. W3C Trace Context.', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
say(shape.lane, 'String. Stream that the ring belongs to; without it the ring is for a change just now.', 'replay');

/** Makes the JSON Schema of a notification's body, for readers and writers without our code. Pure. */
export function notificationSchema(): JsonSchema {
  const { $schema, description, ...schema } = jsonSchemaOf(Notification, 'output');
  return {
    $schema,
    $id: 'urn:doorbell:notification',
    title: 'Notification',
    description: `${description} JSON, ASCII, at most ${NOTIFICATION_LIMIT} bytes.`,
    ...schema,
  };
}
