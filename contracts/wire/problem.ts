/**
 * All problems that an API of Doorbell answers with: RFC 9457 problem documents with a code from this closed list.
 * `retryable` answers the caller's main question: can the same request succeed later?
 */
export const problems = {
  'malformed-request': { status: 400, retryable: false, title: 'The request cannot be read.' },
  unauthorized: { status: 401, retryable: false, title: 'A valid bearer token is needed.' },
  forbidden: { status: 403, retryable: false, title: 'This token may not do this.' },
  'not-found': { status: 404, retryable: false, title: 'There is nothing at this address.' },
  'resource-not-found': { status: 404, retryable: false, title: 'No resource has this id.' },
  'owner-not-found': { status: 404, retryable: false, title: 'No owner has this id.' },
  'version-not-found': { status: 404, retryable: false, title: 'The shop has no such version.' },
  'menu-item-not-found': { status: 404, retryable: false, title: 'The menu has no item with this id.' },
  'shop-exists': { status: 409, retryable: false, title: 'A shop with this id is registered already.' },
  'shop-closed': { status: 409, retryable: false, title: 'The shop has closed; register it again first.' },
  'menu-item-exists': { status: 409, retryable: false, title: 'The menu has an item with this id already.' },
  'menu-full': { status: 409, retryable: false, title: 'The menu has no room for another item.' },
  'resource-gone': { status: 410, retryable: false, title: 'The resource is gone.' },
  'version-conflict': { status: 412, retryable: false, title: 'The version is not the one If-Match asks for.' },
  'too-large': { status: 413, retryable: false, title: 'The body is too large.' },
  'unsupported-media-type': { status: 415, retryable: false, title: 'The body must be application/json.' },
  'invalid-request': { status: 422, retryable: false, title: 'Some values are not valid.' },
  'idempotency-key-reused': { status: 422, retryable: false, title: 'This Idempotency-Key came with another request.' },
  'too-many-requests': { status: 429, retryable: true, title: 'This token has sent too many requests.' },
  'internal-error': { status: 500, retryable: true, title: 'Something broke on our side.' },
  behind: { status: 503, retryable: true, title: 'This replica has not seen that version yet.' },
  unavailable: { status: 503, retryable: true, title: 'A part that the service needs is away.' },
} as const;

/** A code of the list above. */
export type ProblemCode = keyof typeof problems;

/** One value that is not valid: its path, and what was expected. */
export type FieldError = { path: string; message: string };

/** An RFC 9457 problem document. `type` is a relative reference: the API that answers explains the code there. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  /** Cause of the problem in this case, and what to do about it. */
  detail: string;
  /** Every value that is not valid, all at once. */
  errors?: FieldError[];
  /** The current version. */
  version?: number;
};

/** A refusal with its problem document; it may be thrown anywhere below an API. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;
  constructor(code: ProblemCode, detail: string, more: Pick<Problem, 'errors' | 'version'> = {}) {
    super(detail);
    this.problem = problem(code, detail, more);
  }
}

/** Makes the problem document of a code. */
export function problem(code: ProblemCode, detail: string, more: Pick<Problem, 'errors' | 'version'> = {}): Problem {
  const { status, title } = problems[code];
  return { type: `/problems/${code}`, title, status, code, detail, ...more };
}
