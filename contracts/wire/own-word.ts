import type { ProblemCode, ProblemTable } from './problem.ts';

/** An HTTP answer that was read to its end. */
export type RawAnswer = { status: number; contentType: string | undefined; body: string };

/** A problem document that an API of Doorbell wrote: its code is known, and its status equals the answer's. */
export type OwnProblem<Code extends string = ProblemCode> = {
  code: Code;
  status: number;
  detail: string;
  version: unknown;
  errors: unknown;
};

/**
 * Kind of an HTTP answer, by its author. `value`: a success that is JSON. `problem`: a problem document with a known
 * code. `not-modified`: 304. `foreign`: every other answer, whatever its status. A proxy, a login page or a load
 * balancer may have written it, so it says nothing about a resource or about us.
 */
export type Word<Code extends string = ProblemCode> =
  | { kind: 'value'; value: unknown }
  | { kind: 'problem'; problem: OwnProblem<Code> }
  | { kind: 'not-modified' }
  | { kind: 'foreign'; reason: string };

/**
 * Tells answers of a Doorbell API from all other answers (RFC 9457; RFC 9110, 15). `problems` are the codes of this
 * API, and `successes` the statuses of its successful answers. Pure.
 */
export function readWord<Code extends string>(
  answer: RawAnswer,
  problems: ProblemTable<Code>,
  successes: readonly number[] = [200],
): Word<Code> {
  if (successes.includes(answer.status)) return readSuccess(answer);
  if (answer.status === 304) return { kind: 'not-modified' };
  const problem = readProblem(answer, problems);
  return problem === null ? foreign(answer) : { kind: 'problem', problem };
}

/** Parses JSON text; undefined where it is not JSON. A byte order mark is ignored (RFC 8259, 8.1). */
export function readJsonText(text: string): unknown {
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

const BYTE_ORDER_MARK = '\uFEFF';

function readSuccess(answer: RawAnswer): Word<never> {
  const value = readJsonText(answer.body);
  if (value !== undefined) return { kind: 'value', value };
  return { kind: 'foreign', reason: `answers ${answer.status} with something that is not JSON${typeOf(answer)}` };
}

/** Reads a problem document, or null where any of its signs is missing. */
function readProblem<Code extends string>(
  { status, contentType = '', body }: RawAnswer,
  problems: ProblemTable<Code>,
): OwnProblem<Code> | null {
  if (!PROBLEM_TYPE.test(contentType)) return null;
  const document = readJsonText(body) as Partial<Record<keyof OwnProblem | 'type', unknown>> | null | undefined;
  const code = document?.code;
  if (typeof code !== 'string' || !Object.hasOwn(problems, code)) return null;
  // A gateway may use the same words. Ours points at our own page of the code.
  if (document?.type !== undefined && !String(document.type).endsWith(`/problems/${code}`)) return null;
  const known = problems[code as Code];
  if (known.status !== status || (document?.status ?? status) !== status) return null;
  const detail = typeof document?.detail === 'string' ? document.detail : known.title;
  return { code: code as Code, status, detail, version: document?.version, errors: document?.errors };
}

/** RFC 9457, 3: a problem document has its own media type. */
const PROBLEM_TYPE = /^\s*application\/problem\+json\s*(;|$)/i;

function foreign(answer: RawAnswer): Word<never> {
  const redirect = answer.status >= 300 && answer.status < 400 ? ', a redirect' : '';
  const reason = `answers ${answer.status}${redirect}${typeOf(answer)}, and not by a problem document that we know`;
  return { kind: 'foreign', reason };
}

/** Names the media type, shortened: another server wrote it. */
function typeOf({ contentType }: RawAnswer): string {
  const [type = ''] = (contentType ?? '').split(';');
  return type.trim() === '' ? '' : ` (${type.trim().slice(0, 60)})`;
}
