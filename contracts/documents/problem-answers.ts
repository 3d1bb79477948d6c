import * as z from 'zod/mini';
import { codesOf, type Problem, type ProblemCode, type ProblemTable, problemFrom, problems } from '../wire/problem.ts';
import type { Domain, ProblemStory } from './domain.ts';
import type { JsonSchema } from './json-schema.ts';
import type { HeaderName, Operation } from './operation.ts';
import type { VocabularyEntry } from './vocabulary.ts';

/** Makes the schema of a problem document (RFC 9457) with one of these codes, and the descriptions of its members. */
export function problemDocument(codes: readonly string[]): { schema: z.core.$ZodType; words: VocabularyEntry[] } {
  const schema = z.strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string(),
    errors: z.optional(z.array(z.strictObject({ path: z.string(), message: z.string() }))),
    version: z.optional(z.int().check(z.minimum(0))),
  });
  const { shape } = schema;
  const words: VocabularyEntry[] = [
    [schema, { id: 'Problem', description: 'A problem document (RFC 9457), with a code to act on.' }],
    [shape.type, { description: 'GET it from the same server: it explains the code.' }],
    [shape.detail, { description: 'Cause of the problem in this case, and what to do about it.' }],
    [shape.errors, { description: 'Every value that is not valid, all at once.' }],
    [shape.version, { description: 'The current version.' }],
  ];
  return { schema, words };
}

const invalid = [{ path: 'name', message: 'Too small: expected string to have >=1 characters' }];

/** Details of the example of each code; without an entry, the code's title. */
const wireStories: { readonly [Code in ProblemCode]?: ProblemStory } = {
  'malformed-request': ['If-Match takes the version in quotes, as in the ETag: "19", or *.'],
  unauthorized: ['Send a token that is valid for this path: Authorization: Bearer …'],
  'not-found': ['Nothing answers GET /nowhere here.'],
  'version-conflict': [
    'If-Match asks for 18, but it is at version 19 now. Read it again, then decide.',
    { version: 19 },
  ],
  'too-large': ['A body may have at most 1152 KiB; send less.'],
  'unsupported-media-type': ['Send the header content-type: application/json.'],
  'invalid-request': ['Correct the values named in errors and send it again.', { errors: invalid }],
  'idempotency-key-reused': ['Another request came with this key; use a new key per command.'],
  'internal-error': ['Try again. If it fails again, tell the operators of this service.'],
  behind: ['This replica is at version 18. Ask again soon.', { version: 18 }],
  'too-many-requests': ['Wait as long as Retry-After says, then send it again.'],
  unavailable: ['The database is away or too busy. Try again.'],
};

/** Makes an example of a problem document for each code. */
export function problemExamples<Code extends string>(
  among: Iterable<Code>,
  { problems: table, stories }: Pick<Domain<Code>, 'problems' | 'stories'>,
): Record<string, { summary: string; value: Problem<Code> }> {
  const wire: { readonly [Each in string]?: ProblemStory } = wireStories;
  const example = (code: Code) => {
    const { title } = table[code];
    const [detail, more] = stories[code] ?? wire[code] ?? [title];
    return [code, { summary: title, value: problemFrom(table, code, detail, more) }] as const;
  };
  return Object.fromEntries([...among].toSorted().map(example));
}

/** A kind of refusal: a status, its codes, and the headers it may have. */
export type Refusal = { status: number; codes: string[]; headers: HeaderName[] };

/**
 * Lists the refusals of an operation: by status, in the order of the table. Every 429 and 503 has `Retry-After`.
 */
export function refusalsOf<Code extends string>(
  { problems: mine, tagged = [] }: Pick<Operation<Code>, 'problems' | 'tagged'>,
  table: ProblemTable<Code>,
): Refusal[] {
  const byStatus = Map.groupBy(
    codesOf(table).filter((code) => mine.includes(code)),
    (code) => table[code].status,
  );
  return [...byStatus].map(([status, group]) => ({
    status,
    codes: group,
    headers: [
      ...(status === 401 ? ['WWW-Authenticate' as const] : []),
      ...(group.some((code) => tagged.includes(code)) ? ['ETag' as const] : []),
      ...(status === 429 || status === 503 ? ['Retry-After' as const] : []),
    ],
  }));
}

/** Makes the schema of a refusal's document: a problem with this status and one of these codes. */
export function refusalSchema({ status, codes }: Refusal, problemSchema: JsonSchema): JsonSchema {
  return { allOf: [problemSchema, { properties: { status: { const: status }, code: { enum: codes } } }] };
}

/** Lists every code of a status that every domain has. An API that begins to limit rates changes only this list. */
export const codesOfStatus = (status: number): ProblemCode[] =>
  codesOf(problems).filter((code) => (problems[code].status as number) === status);
