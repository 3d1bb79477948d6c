import * as z from 'zod/mini';
import { Notification, TypeName } from '../wire/notification.ts';
import { ResourceId, Version } from '../wire/resource.ts';
import { DigestRequest, Want } from '../wire/source-api.ts';
import { exampleEvent } from './example-event.ts';

/** Description of a schema for the documents. A schema with an `id` is a component that documents refer to. */
export type Meaning = {
  id?: string;
  description?: string;
  examples?: unknown[];
  minProperties?: number;
  uniqueItems?: boolean;
};

/** A schema with its description. */
export type VocabularyEntry = readonly [schema: z.core.$ZodType, meaning: Meaning];

/** Descriptions by schema. */
export type Vocabulary = ReturnType<typeof createVocabulary>;

/** Makes the vocabulary of a document from lists of entries: those of every domain first, the later ones replace them. */
export function createVocabulary(...lists: readonly (readonly VocabularyEntry[])[]) {
  const vocabulary = z.registry<Meaning>();
  for (const [schema, meaning] of [wireWords, ...lists].flat()) vocabulary.add(schema, meaning);
  return vocabulary;
}

/** Descriptions of the schemas that every domain has. */
const wireWords: readonly VocabularyEntry[] = [
  [ResourceId, { id: 'ResourceId', description: 'Identifies a resource. Ids are ordered by their bytes.' }],
  [
    Version,
    {
      id: 'Version',
      description:
        'Number of events of a resource so far: 1 for the first, one more with every event, never restarting.',
      examples: [exampleEvent.version],
    },
  ],
  [DigestRequest.shape.prefixes, { uniqueItems: true }],
  [Want, { id: 'Want', description: 'A request for one resource. `have` is the version that the consumer has.' }],
  [TypeName, { description: 'Type of change. Types of the future must parse.' }],
  [
    Notification,
    { description: 'The whole message: id of the resource and type of change. There is no room for a third key.' },
  ],
];
