import * as z from 'zod/mini';
import { NOTIFICATION_LIMIT, Notification, TypeName } from '../wire/notification.ts';
import type { Domain } from './domain.ts';
import { exampleEvent } from './example-event.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import { createVocabulary, type VocabularyEntry } from './vocabulary.ts';

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
const said = (schema: z.core.$ZodType, description: string, example: string): VocabularyEntry => {
  return [schema, { description, examples: [example] }];
};

/** Descriptions of the attributes of a ring. */
export const ringWords: readonly VocabularyEntry[] = [
  [
    RingAttributes,
    { description: 'Transport facts about the ring, never data of the shop. A message without them works as well.' },
  ],
  said(shape.eventId, 'String. UUIDv7 of the event: two real changes can have the same body.', exampleEvent.eventId),
  said(shape.version, "Number. The shop's version at that event.", String(exampleEvent.version)),
  said(
    shape.occurredAt,
    'Number. Milliseconds since the epoch: for measuring lag, never for ordering.',
    '1795515300000',
  ),
  said(shape.traceparent, 'String. W3C Trace Context.', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
  said(shape.lane, 'String. Stream that the ring belongs to; without it the ring is for a change just now.', 'replay'),
];

/** Makes the JSON Schema of a notification's body, for readers and writers without our code. Pure. */
export function notificationSchema({ words }: Pick<Domain, 'words'>): JsonSchema {
  const { $schema, description, ...schema } = jsonSchemaOf(Notification, 'output', createVocabulary(words));
  return {
    $schema,
    $id: 'urn:doorbell:notification',
    title: 'Notification',
    description: `${description} JSON, ASCII, at most ${NOTIFICATION_LIMIT} bytes.`,
    ...schema,
  };
}
