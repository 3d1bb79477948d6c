import * as z from 'zod/mini';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import { isChild } from '../../../contracts/wire/digests.ts';
import { firstIssue } from '../../../contracts/wire/issues.ts';
import type { OwnProblem } from '../../../contracts/wire/own-word.ts';
import type { ProblemCode } from '../../../contracts/wire/problem.ts';
import { ResourceId } from '../../../contracts/wire/resource.ts';
import {
  type BucketAnswer,
  DigestAnswer,
  SingleAnswer,
  SourceAnswer,
  type Want,
} from '../../../contracts/wire/source-api.ts';
import { SourceRefused, SourceUnavailable } from './errors.ts';
import { isAboutOne, type SourceWord } from './word.ts';

/** Reads the answer to `GET {path}/{id}` in the form of a batch entry. Throws SourceUnavailable or SourceRefused. */
export function readSingle({ id, have = 0 }: Want, word: SourceWord): unknown {
  if (word.kind === 'not-modified') {
    // The source answers 304 only to a request that names a version, so a cache in between sent this one.
    if (have === 0) throw notItsWord('answers 304, though no version was named', 304);
    return { status: 304, id, version: have };
  }
  if (word.kind === 'value') return { status: 200, ...readEnvelope(word.value) };
  const { code, status } = word.problem;
  if (code === 'resource-not-found') return { status, id };
  if (code === 'resource-gone') return { status, id, ...parseProblem(Gone, word.problem) };
  if (code === 'behind') return { status, id, ...parseProblem(Behind, word.problem) };
  if (isAboutOne(word.problem)) return { status: 500, id, ...faultOf(word.problem) };
  throw refusalOf(word.problem);
}

/** Reads what a problem says of the resource's field. */
function faultOf({ errors }: OwnProblem): { fault?: string } {
  const [first] = errors as { message?: unknown }[];
  return typeof first?.message === 'string' ? { fault: first.message.slice(0, 500) } : {};
}

/** Reads a batch's entries by id, each still unchecked: one bad resource harms no other. Throws like readSingle. */
export function readBatch(word: SourceWord): Map<string, unknown> {
  const { resources } = parse('resources', LooseBatch, word);
  return new Map(resources.map((entry) => [String((entry as { id?: unknown } | null)?.id), entry]));
}

/** A page of entries, still unchecked; `next` is null at the end. */
export type UncheckedPage = { resources: { id: string }[]; next: string | null };

/** Reads a page of all resources, its entries still unchecked. Throws like readSingle. */
export function readPage(word: SourceWord): UncheckedPage {
  return parse('resources', LoosePage, word);
}

/** Reads the contents of each requested bucket, in order. Throws like readSingle. */
export function readDigests(prefixes: readonly string[], word: SourceWord): BucketAnswer[] {
  const { digests } = parse('digests', DigestAnswer, word);
  const told = digests.map(({ prefix }) => prefix);
  if (JSON.stringify(told) !== JSON.stringify(prefixes))
    throw broken(`asked for the buckets ${JSON.stringify(prefixes)}, told of ${JSON.stringify(told)}`);
  for (const digest of digests) {
    const children = 'buckets' in digest ? digest.buckets : [];
    const stray = children.find((child) => !isChild(digest.prefix, child.prefix));
    // Such a bucket would be searched without end.
    if (stray !== undefined) throw broken(`bucket "${stray.prefix}" is no child of "${digest.prefix}"`);
  }
  return digests;
}

/** Reads one entry and checks it against the request. Throws SourceRefused. */
export function readEntry(want: Want, entry: unknown): SourceAnswer {
  if (entry === undefined) throw broken(`the batch has no answer for ${want.id}`);
  const answer = SourceAnswer.safeParse(entry);
  if (!answer.success) throw broken(`resource ${want.id}: ${firstIssue(answer.error)}`);
  if (answer.data.id !== want.id) throw broken(`asked for ${want.id}, told of ${answer.data.id}`);
  return answer.data;
}

/**
 * Reads the agreed fields of a resource and drops all others. Throws SourceRefused, which names the field that breaks
 * the agreement.
 */
export function readResource<Resource>(agreement: Agreement<Resource>, resource: unknown): Resource {
  const agreed = z.safeParse(agreement.resource, resource);
  if (agreed.success) return agreed.data;
  const field = agreed.error.issues[0]?.path.join('.');
  throw broken(`${agreement.name}@${agreement.version}: ${firstIssue(agreed.error)}`, 200, field || undefined);
}

/** Makes the error for an answer of the source itself that breaks the contract. */
export function broken(message: string, status = 200, field?: string): SourceRefused {
  return new SourceRefused('agreement-broken', status, message, field);
}

const Gone = z.object({ version: z.int().check(z.minimum(1)) });
const Behind = z.object({ version: z.int().check(z.minimum(0)) });
const LooseBatch = z.object({ resources: z.array(z.unknown()) });
const LoosePage = z.object({ resources: z.array(z.looseObject({ id: z.string() })), next: z.nullable(ResourceId) });

/**
 * Reads the envelope of one resource. An object with an id and a resource comes from the source and must be valid. Any
 * other JSON comes from a proxy or another server.
 */
function readEnvelope(value: unknown): z.output<typeof SingleAnswer> {
  if (!hasKeys(value, 'id', 'version', 'resource')) throw notItsWord('answers with JSON that is no resource', 200);
  const parsed = SingleAnswer.safeParse(value);
  if (parsed.success) return parsed.data;
  throw broken(firstIssue(parsed.error));
}

/**
 * Parses an answer. A value with this route's key comes from the source and must be valid. Throws SourceUnavailable or
 * SourceRefused.
 */
export function parse<Value>(key: string, schema: z.core.$ZodType<Value>, word: SourceWord): Value {
  if (word.kind === 'problem') throw refusalOf(word.problem);
  if (word.kind === 'not-modified') throw notItsWord('answers 304, though no version was named', 304);
  if (!hasKeys(word.value, key)) throw notItsWord(`answers with JSON that has no "${key}"`, 200);
  const parsed = z.safeParse(schema, word.value);
  if (parsed.success) return parsed.data;
  throw broken(firstIssue(parsed.error));
}

/** Parses a problem document. Without its version it says nothing about the resource. */
function parseProblem<Value>(schema: z.core.$ZodType<Value>, problem: OwnProblem): Value {
  const parsed = z.safeParse(schema, problem);
  if (parsed.success) return parsed.data;
  throw notItsWord(`answers ${problem.status} ${problem.code} without the version it was at`, problem.status);
}

/**
 * Turns the source's refusal of a request into an error. `not-found` for a path means that the configured address is
 * wrong.
 */
function refusalOf({ code, status, detail }: OwnProblem): SourceRefused | SourceUnavailable {
  const message = `the source answers ${status} ${code}: ${detail}`;
  if (ABOUT_THE_QUESTION.has(code)) return new SourceRefused('source-refused', status, message);
  return new SourceUnavailable(message, { status, kind: 'foreign-answer' });
}

const ABOUT_THE_QUESTION = new Set<ProblemCode>([
  'malformed-request',
  'invalid-request',
  'too-large',
  'unsupported-media-type',
]);

function notItsWord(what: string, status: number): SourceUnavailable {
  return new SourceUnavailable(`the source ${what}: this is not its own word`, { status, kind: 'foreign-answer' });
}

const hasKeys = (value: unknown, ...keys: string[]) =>
  typeof value === 'object' && value !== null && keys.every((key) => Object.hasOwn(value, key));
