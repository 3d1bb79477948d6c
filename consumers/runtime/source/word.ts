import { type OwnProblem, readWord } from '../../../contracts/wire/own-word.ts';
import type { ProblemCode } from '../../../contracts/wire/problem.ts';
import type { Clock } from '../system.ts';
import { SourceUnavailable } from './errors.ts';
import { headerOf, isTransient, type ReadAnswer, retryAfterOf } from './exchange.ts';
import type { HttpAnswer } from './http-port.ts';

/** The source's own word: a value, a problem, or "you have it" (304). `bytes` is the length of the body. */
export type SourceWord = { bytes: number } & (
  | { kind: 'value'; value: unknown }
  | { kind: 'problem'; problem: OwnProblem }
  | { kind: 'not-modified' }
);

/**
 * Reads the source's own word out of an answer. Throws SourceUnavailable for every other answer, for a source that says
 * "not now", and for a source that refuses the token of this agreement.
 */
export function readSourceWord(agreement: string, clock: Clock): ReadAnswer<SourceWord> {
  return (answer) => {
    const word = readWord({ ...answer, contentType: headerOf(answer, 'content-type') });
    if (word.kind === 'foreign') throw foreign(answer, word.reason, clock);
    if (word.kind === 'problem') refuseOutage(word.problem, answer, agreement, clock);
    return { ...word, bytes: Buffer.byteLength(answer.body) };
  };
}

/** Codes that say something about the question or about a resource. All others say something about the source or us. */
const TELLING = new Set<ProblemCode>([
  'behind',
  'resource-not-found',
  'resource-gone',
  'not-found',
  'malformed-request',
  'invalid-request',
  'too-large',
  'unsupported-media-type',
]);

function refuseOutage({ code, status, detail }: OwnProblem, answer: HttpAnswer, agreement: string, clock: Clock): void {
  if (TELLING.has(code)) return;
  if (code === 'unauthorized' || code === 'forbidden')
    throw new SourceUnavailable(
      `the source refuses the token of agreement "${agreement}" (${status} ${code}: ${detail})`,
      { status, kind: 'token-refused' },
    );
  const retryAfter = retryAfterOf(answer, clock.now());
  throw new SourceUnavailable(`the source answers ${status} ${code}: ${detail}`, { status, retryAfter });
}

/** A gateway's 502 to 504 says that the source is away; any other answer of somebody else says that we don't reach it. */
function foreign(answer: HttpAnswer, reason: string, clock: Clock): SourceUnavailable {
  const { status } = answer;
  const kind = isTransient(status) ? 'source-away' : 'foreign-answer';
  return new SourceUnavailable(`the source ${reason}`, { status, kind, retryAfter: retryAfterOf(answer, clock.now()) });
}
