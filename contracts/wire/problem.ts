/** Meaning of a problem code. `retryable` answers the caller's main question: can the same request succeed later? */
export type ProblemMeaning = { readonly status: number; readonly retryable: boolean; readonly title: string };

/** A closed list of problem codes, with their meanings. */
export type ProblemTable<Code extends string = string> = { readonly [Each in Code]: ProblemMeaning };

/**
 * Problems that an API of any domain may answer with: RFC 9457 problem documents with a code from this closed list. A
 * domain has a list of its own beside it.
 */
export const problems = {
  'malformed-request': { status: 400, retryable: false, title: 'The request cannot be read.' },
  unauthorized: { status: 401, retryable: false, title: 'A valid bearer token is needed.' },
  forbidden: { status: 403, retryable: false, title: 'This token may not do this.' },
  'not-found': { status: 404, retryable: false, title: 'There is nothing at this address.' },
  'resource-not-found': { status: 404, retryable: false, title: 'No resource has this id.' },
  'resource-gone': { status: 410, retryable: false, title: 'The resource is gone.' },
  'feed-expired': { status: 410, retryable: false, title: 'The feed no longer has the changes after this cursor.' },
  'feed-replaced': { status: 410, retryable: false, title: 'This cursor is of another change log.' },
  'version-conflict': { status: 412, retryable: false, title: 'The version is not the one If-Match asks for.' },
  'too-large': { status: 413, retryable: false, title: 'The body is too large.' },
  'unsupported-media-type': { status: 415, retryable: false, title: 'The body must be application/json.' },
  'invalid-request': { status: 422, retryable: false, title: 'Some values are not valid.' },
  'idempotency-key-reused': { status: 422, retryable: false, title: 'This Idempotency-Key came with another request.' },
  'too-many-requests': { status: 429, retryable: true, title: 'This token has sent too many requests.' },
  'internal-error': { status: 500, retryable: true, title: 'Something broke on our side.' },
  behind: { status: 503, retryable: true, title: 'This replica has not seen that version yet.' },
  unavailable: { status: 503, retryable: true, title: 'A part that the service needs is away.' },
} as const satisfies ProblemTable;

/** A code of the list above. */
export type ProblemCode = keyof typeof problems;

/**
 * Joins the problems of a domain to those of every domain, in the order of their statuses. Throws TypeError for a code
 * that is in both lists.
 */
export function joinProblems<Code extends string>(own: ProblemTable<Code>): ProblemTable<ProblemCode | Code> {
  const twice = Object.keys(own).filter((code) => Object.hasOwn(problems, code));
  if (twice.length > 0) throw new TypeError(`${twice.join(', ')}: a code of every domain already`);
  const all = Object.entries<ProblemMeaning>({ ...problems, ...own });
  return Object.fromEntries(all.toSorted(([, a], [, b]) => a.status - b.status)) as ProblemTable<ProblemCode | Code>;
}

/** Lists the codes of a table, in its order. */
export function codesOf<Code extends string>(table: ProblemTable<Code>): Code[] {
  return Object.keys(table) as Code[];
}

/** One value that is not valid: its path, and what was expected. */
export type FieldError = { path: string; message: string };

/** An RFC 9457 problem document. `type` is a relative reference: the API that answers explains the code there. */
export type Problem<Code extends string = string> = {
  type: string;
  title: string;
  status: number;
  code: Code;
  /** Cause of the problem in this case, and what to do about it. */
  detail: string;
  /** Every value that is not valid, all at once. */
  errors?: FieldError[];
  /** The current version. */
  version?: number;
};

/** Members that only some problems have. */
export type ProblemExtras = Pick<Problem, 'errors' | 'version'>;

/** A refusal with its problem document; it may be thrown anywhere below an API. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;
  /** Takes a code of any domain, or a problem document of a domain with its own list. */
  constructor(...said: [code: ProblemCode, detail: string, more?: ProblemExtras] | [document: Problem]) {
    const document = said.length === 1 ? said[0] : problem(...said);
    super(document.detail);
    this.problem = document;
  }
}

/** Makes the problem document of a code of any domain. */
export function problem(code: ProblemCode, detail: string, more: ProblemExtras = {}): Problem<ProblemCode> {
  return problemFrom(problems, code, detail, more);
}

/** Makes the problem document of a code from a domain's table. */
export function problemFrom<Code extends string>(
  table: ProblemTable<Code>,
  code: Code,
  detail: string,
  more: ProblemExtras = {},
): Problem<Code> {
  const { status, title } = table[code];
  return { type: `/problems/${code}`, title, status, code, detail, ...more };
}
