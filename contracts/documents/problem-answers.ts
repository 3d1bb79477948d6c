import * as z from 'zod/mini';
import { type Problem, type ProblemCode, problem, problems } from '../wire/problem.ts';
import { examples } from './examples.ts';
import type { JsonSchema } from './json-schema.ts';
import type { HeaderName, Operation } from './operation.ts';
import { vocabulary } from './vocabulary.ts';

const codes = Object.keys(problems) as ProblemCode[];

/** The schema of a problem document (RFC 9457). */
export const ProblemDocument = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(codes),
  detail: z.string(),
  errors: z.optional(z.array(z.strictObject({ path: z.string(), message: z.string() }))),
  version: z.optional(z.int().check(z.minimum(0))),
});

const { shape } = ProblemDocument;
vocabulary.add(ProblemDocument, {
  id: 'Problem',
  description: 'A problem document (RFC 9457), with a code to act on.',
});
vocabulary.add(shape.type, { description: 'GET it from the same server: it explains the code.' });
vocabulary.add(shape.detail, { description: 'Cause of the problem in this case, and what to do about it.' });
vocabulary.add(shape.errors, { description: 'Every value that is not valid, all at once.' });
vocabulary.add(shape.version, { description: 'The current version.' });

const invalid = [{ path: 'name', message: 'Too small: expected string to have >=1 characters' }];

/** Details of the example of each code; without an entry, the code's title. */
const stories: { [Code in ProblemCode]?: [detail: string, more?: Pick<Problem, 'errors' | 'version'>] } = {
  'malformed-request': ['If-Match takes the version in quotes, as in the ETag: "19", or *.'],
  unauthorized: ['Send a token that is valid for this path: Authorization: Bearer …'],
  'not-found': ['Nothing answers GET /nowhere here.'],
  'resource-not-found': [`No shop ${examples.shopId}. GET /shops lists those there are.`],
  'owner-not-found': [`Register the owner first: PUT /owners/${examples.ownerId}.`],
  'version-not-found': [`GET /shops/${examples.shopId}/events shows all versions; 99 is not among them.`],
  'menu-item-not-found': [`GET /shops/${examples.shopId} shows the menu and the ids of its items.`],
  'shop-exists': ['Change it with PATCH /shops/{id} and its neighbours, or close it first.'],
  'shop-closed': ['The shop has closed. POST /shops with its id registers it anew.'],
  'menu-item-exists': [`The menu has an item ${examples.itemId}; change it, or leave the id out.`],
  'menu-full': ['A menu has at most 200 items; remove one first.'],
  'resource-gone': ['The shop has closed. Keep the version: it tells late rings apart.', { version: 20 }],
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

/** An example of a problem document for each code. */
export function problemExamples(among: Iterable<ProblemCode>): Record<string, { summary: string; value: Problem }> {
  const example = (code: ProblemCode) => {
    const [detail, more] = stories[code] ?? [problems[code].title];
    return [code, { summary: problems[code].title, value: problem(code, detail, more) }] as const;
  };
  return Object.fromEntries([...among].toSorted().map(example));
}

/** A kind of refusal: a status, its codes, and the headers it may have. */
export type Refusal = { status: number; codes: ProblemCode[]; headers: HeaderName[] };

/**
 * Lists the refusals of an operation: by status, in the order of the list of codes. Every 429 and 503 has
 * `Retry-After`.
 */
export function refusalsOf({ problems: mine, tagged = [] }: Pick<Operation, 'problems' | 'tagged'>): Refusal[] {
  const byStatus = Map.groupBy(
    codes.filter((code) => mine.includes(code)),
    (code): number => problems[code].status,
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

/** Lists every code of a status. An API that begins to limit rates changes only this list. */
export const codesOfStatus = (status: number): ProblemCode[] =>
  codes.filter((code) => (problems[code].status as number) === status);
