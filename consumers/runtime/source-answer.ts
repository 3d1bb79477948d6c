import * as z from 'zod/mini';
import type { Agreement } from '../../contracts/agreement.ts';
import { isChild } from '../../contracts/digests.ts';
import { firstIssue } from '../../contracts/issues.ts';
import { ShopId } from '../../contracts/shop.ts';
import { type BucketAnswer, DigestAnswer, SingleAnswer, SourceAnswer, type Want } from '../../contracts/source-api.ts';
import type { HttpAnswer } from './answer.ts';
import { SourceRefused, SourceUnavailable } from './source-error.ts';

/** The answer to `GET {path}/{id}` in the words of a batch entry. Throws SourceUnavailable or SourceRefused. */
export function readSingle({ id, have = 0 }: Want, answer: HttpAnswer): unknown {
  const { status } = answer;
  if (status === 304 && have === 0) throw broken('not modified, though nobody said we had it', status);
  if (status === 304) return { status, id, version: have };
  if (status === 404) return { status, id };
  if (status === 410) return { status, id, ...parse(Gone, answer) };
  if (status === 503) return { status, id, version: parse(Behind, answer).version };
  return { status, ...parse(SingleAnswer, expectOk(answer)) };
}

/** The entries of a batch by id, each still unchecked: one bad shop harms no other. Throws like readSingle. */
export function readBatch(answer: HttpAnswer): Map<string, unknown> {
  const { shops } = parse(LooseBatch, expectOk(answer));
  return new Map(shops.map((entry) => [String((entry as { id?: unknown } | null)?.id), entry]));
}

/** Entries of a page, still unchecked; `next` is null at the end. */
export type Page = { shops: { id: string }[]; next: string | null };

/** A page of all shops, its entries still unchecked. Throws like readSingle. */
export function readPage(answer: HttpAnswer): Page {
  return parse(LoosePage, expectOk(answer));
}

/** What is in each bucket that was asked for, in order. Throws like readSingle. */
export function readDigests(prefixes: readonly string[], answer: HttpAnswer): BucketAnswer[] {
  const { digests } = parse(DigestAnswer, expectOk(answer));
  const told = digests.map(({ prefix }) => prefix);
  if (JSON.stringify(told) !== JSON.stringify(prefixes))
    throw broken(`asked for the buckets ${JSON.stringify(prefixes)}, told of ${JSON.stringify(told)}`);
  for (const digest of digests) {
    const children = 'buckets' in digest ? digest.buckets : [];
    const stray = children.find((child) => !isChild(digest.prefix, child.prefix));
    // It would be looked into for ever.
    if (stray !== undefined) throw broken(`bucket "${stray.prefix}" is no child of "${digest.prefix}"`);
  }
  return digests;
}

/** One entry, checked against what was asked for. Throws SourceRefused. */
export function readEntry(want: Want, entry: unknown): SourceAnswer {
  if (entry === undefined) throw broken(`the batch has no answer for ${want.id}`);
  const answer = SourceAnswer.safeParse(entry);
  if (!answer.success) throw broken(`shop ${want.id}: ${firstIssue(answer.error)}`);
  if (answer.data.id !== want.id) throw broken(`asked for ${want.id}, told of ${answer.data.id}`);
  return answer.data;
}

/** The agreed fields of a shop, and none besides. Throws SourceRefused naming the field that breaks the agreement. */
export function readShop<Shop>(agreement: Agreement<Shop>, shop: unknown): Shop {
  const agreed = z.safeParse(agreement.shop, shop);
  if (agreed.success) return agreed.data;
  throw broken(`${agreement.name}@${agreement.version}: ${firstIssue(agreed.error)}`);
}

/** Whether an answer of 503 says "this replica is behind" and not "I am away". */
export function isBehind({ status, body }: HttpAnswer): boolean {
  return status === 503 && Behind.safeParse(json(body)).success;
}

/** The source keeps its address, but not its word. */
export function broken(message: string, status = 200): SourceRefused {
  return new SourceRefused('agreement-broken', status, message);
}

const Gone = z.object({ version: z.int().check(z.minimum(1)) });
const Behind = z.object({ code: z.literal('behind'), version: z.int().check(z.minimum(0)) });
const LooseBatch = z.object({ shops: z.array(z.unknown()) });
const LoosePage = z.object({ shops: z.array(z.looseObject({ id: z.string() })), next: z.nullable(ShopId) });

function expectOk(answer: HttpAnswer): HttpAnswer {
  if (answer.status === 200) return answer;
  const { title = '', detail = title } = (json(answer.body) ?? {}) as { title?: string; detail?: string };
  throw new SourceRefused('source-refused', answer.status, `the source answers ${answer.status}: ${detail}`);
}

/** What is no JSON at all is a proxy's page, not the source's word: that is an outage. */
function parse<Value>(schema: z.core.$ZodType<Value>, { body, status }: HttpAnswer): Value {
  const value = json(body);
  if (value === undefined)
    throw new SourceUnavailable(`the source answers ${status} with something that is not JSON`, { status });
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw broken(firstIssue(parsed.error), status);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
