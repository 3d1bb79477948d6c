import type { Notification } from '../wire/notification.ts';
import { type ProblemCode, type ProblemExtras, type ProblemTable, problems } from '../wire/problem.ts';
import { ResourceId } from '../wire/resource.ts';
import type { Parameter } from './operation.ts';
import type { VocabularyEntry } from './vocabulary.ts';

/** Detail of a problem's example, and the members that only some problems have. */
export type ProblemStory = readonly [detail: string, more?: ProblemExtras];

/** A domain as the documents show it: its words, its problems and its examples. */
export type Domain<Code extends string = string> = {
  /** Descriptions of its schemas; they replace those that every domain has. */
  readonly words: readonly VocabularyEntry[];
  /** All problems that its APIs answer with. */
  readonly problems: ProblemTable<Code>;
  /** Examples of problems, by code; they replace those that every domain has. */
  readonly stories: { readonly [Each in Code]?: ProblemStory };
  /** Parameters of paths, by name; `id` is a resource of a source API. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly examples: {
    readonly notification: Notification;
    /** Id of a resource that is gone. */
    readonly closedId: string;
    /** Resources by the label of their agreement. */
    readonly resources: Readonly<Record<string, unknown>>;
  };
};

/** A domain without words of its own. */
export const anyDomain: Domain<ProblemCode> = {
  words: [],
  problems,
  stories: {},
  parameters: {
    id: { name: 'id', in: 'path', description: 'The resource.', schema: ResourceId, example: 'a1' },
  },
  examples: { notification: { id: 'a1', type: 'resource.changed' }, closedId: 'a2', resources: {} },
};
