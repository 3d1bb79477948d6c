import { type OwnProblem, readWord } from '../../../contracts/wire/own-word.ts';
import { type ProblemCode, problems } from '../../../contracts/wire/problem.ts';
import type { Clock } from '../system.ts';
import { SourceUnavailable } from './errors.ts';
import { headerOf, isTransient, type ReadAnswer, retryAfterOf } from './exchange.ts';
import type { HttpAnswer } from './http-port.ts';

/** Answer of the source itself: a value, a problem, or "you have it" (304). `bytes` is the length of the body. */
export type SourceWord = { bytes: number } & (
  | { kind: 'value'; value: unknown }
  | { kind: 'problem'; problem: OwnProblem }
  | { kind: 'not-modified' }
);

/**
 * Reads an answer of the source itself. Throws SourceUnavailable for answers of other servers, for a source that says
 * "not now", and for a source that refuses the agreement's token.
 */
export function readSourceWord(agreement: string, clock: Clock): ReadAnswer<SourceWord> {
  return (answer) => {
    const word = readWord({ ...answer, contentType: headerOf(answer, 'content-type') }, problems);
    if (word.kind === 'foreign') throw foreign(answer, word.reason, clock);
    if (word.kind === 'problem') refuseOutage(word.problem, answer, agreement, clock);
    return { ...word, bytes: Buffer.byteLength(answer.body) };
  };
}

/** Codes about the question or about a resource. All other codes are about the source or about us. */
const TELLING = new Set<ProblemCode>([
  'behind',
  'resource-not-found',
  'resource-gone',
  'not-found',
  'malformed-request',
  'invalid-request',
  'too-large',
  'unsupported-media-type',
  'feed-expired',
  'feed-replaced',
]);

/** True for a fault of the source that concerns one resource: it names the resource. */
export const isAboutOne = ({ code, errors }: OwnProblem): boolean =>
  code === 'internal-error' && Array.isArray(errors) && errors.length > 0;

function refuseOutage(problem: OwnProblem, answer: HttpAnswer, agreement: string, clock: Clock): void {
  const { code, status, detail } = problem;
  if (TELLING.has(code) || isAboutOne(problem)) return;
  if (code === 'unauthorized' || code === 'forbidden')
    throw new SourceUnavailable(
      `the source refuses the token of agreement "${agreement}" (${status} ${code}: ${detail})`,
      { status, kind: 'token-refused' },
    );
  const retryAfter = retryAfterOf(answer, clock.now());
  throw new SourceUnavailable(`the source answers ${status} ${code}: ${detail}`, { status, retryAfter });
}

/**
 * Makes the error for an answer of another server. A gateway's 502 to 504 means that the source is away. Any other such
 * answer means that our requests do not reach it.
 */
function foreign(answer: HttpAnswer, reason: string, clock: Clock): SourceUnavailable {
  const { status } = answer;
  const kind = isTransient(status) ? 'source-away' : 'foreign-answer';
  return new SourceUnavailable(`the source ${reason}`, { status, kind, retryAfter: retryAfterOf(answer, clock.now()) });
}
