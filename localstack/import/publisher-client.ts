import pRetry from 'p-retry';
import * as z from 'zod/mini';
import { type ShopServiceProblemCode, shopServiceProblems } from '../../contracts/shops/problems.ts';
import { type OwnProblem, readWord, type Word } from '../../contracts/wire/own-word.ts';

import type { PlannedCommand, PresentShop } from './planned.ts';
import { PublisherAway } from './publisher-away.ts';
import type { CommandReply } from './run-plan.ts';

/** Calls the publisher, over HTTP or in the same process. */
export type Fetch = (
  path: string,
  init?: { method: string; headers: Record<string, string>; body?: string },
) => Promise<Response>;

/** Adds the token of an operator to every request. */
export function withToken(fetch: Fetch, token: string): Fetch {
  const authorization = `Bearer ${token}`;
  return (path, init = { method: 'GET', headers: {} }) =>
    fetch(path, { ...init, headers: { ...init.headers, authorization } });
}

/** Reads every shop of the publisher, closed ones too. Throws PublisherAway or PublisherRefuses. */
export async function readPresent(fetch: Fetch, retry = RETRY): Promise<Map<string, PresentShop>> {
  const present = new Map<string, PresentShop>();
  let after: string | null = '';
  while (after !== null) {
    const page: Page = await readPage(fetch, after, retry);
    for (const shop of page.shops) present.set(shop.id, shop);
    after = page.next;
  }
  return present;
}

type Page = { shops: PresentShop[]; next: string | null };

const Page = z.object({
  shops: z.array(z.looseObject({ id: z.string(), version: z.int() })),
  next: z.nullable(z.string()),
});

const Reply = z.object({ version: z.int(), events: z.array(z.object({ type: z.string() })) });

async function readPage(fetch: Fetch, after: string, retry: Retry): Promise<Page> {
  const word = await withRetries(() => fetch(`/shops?limit=500&after=${after}`), retry);
  if (word.kind === 'problem') throw new PublisherRefuses(`GET /shops: ${tell(word.problem)}`);
  const page = Page.safeParse(word.value);
  const isFurther = page.success && (page.data.next === null || page.data.next > after);
  if (!page.success || !isFurther)
    throw new PublisherAway('the publisher answers GET /shops with JSON that is not the next page of shops');
  return page.data as Page;
}

/** Thrown if the publisher refuses every request, for example because of the token. */
export class PublisherRefuses extends Error {
  override name = 'PublisherRefuses';
}

/** The number of retries, and the milliseconds before the first one. */
export type Retry = { retries: number; minTimeout: number };

/** 5 retries in about 6 seconds: enough for a restart, but not for an outage. */
const RETRY: Retry = { retries: 5, minTimeout: 200 };

/** Sends one command, with retries that its Idempotency-Key makes safe. Throws PublisherAway or PublisherRefuses. */
export async function sendCommand(
  fetch: Fetch,
  { method, path, body }: PlannedCommand,
  headers: Record<string, string>,
  retry = RETRY,
): Promise<CommandReply> {
  const json = body !== undefined && { body: JSON.stringify(body) };
  const typed = { ...headers, ...(json && { 'content-type': 'application/json' }) };
  const word = await withRetries(() => fetch(path, { method, headers: typed, ...json }), retry);
  if (word.kind === 'value') {
    const reply = Reply.safeParse(word.value);
    // Taken for done, the shop's next command would go out without a version to match.
    if (!reply.success)
      throw new PublisherAway(`the publisher answers ${path} with JSON that is no reply to a command`);
    const { version, events } = reply.data;
    return { status: 200, version, events, detail: '' };
  }
  const { status, detail, errors } = word.problem;
  return {
    status,
    version: 0,
    events: [],
    detail: [detail, errors && JSON.stringify(errors)].filter(Boolean).join(' '),
  };
}

type PublisherWord = Word<ShopServiceProblemCode> & { kind: 'value' | 'problem' };

/** Repeats a request until the publisher itself answers. Throws PublisherAway or PublisherRefuses. */
function withRetries(ask: () => Promise<Response>, retry: Retry): Promise<PublisherWord> {
  const attempt = async () => ownWord(await ask().catch(noAnswer));
  return pRetry(attempt, { ...retry, randomize: true, shouldRetry: ({ error }) => error instanceof PublisherAway });
}

function noAnswer(cause: Error): never {
  throw new PublisherAway(`no answer: ${cause.message}`, { cause });
}

/** 201: a shop was registered. */
const SUCCESSES = [200, 201];

async function ownWord(answer: Response): Promise<PublisherWord> {
  const contentType = answer.headers.get('content-type') ?? undefined;
  const word = readWord(
    { status: answer.status, contentType, body: await answer.text() },
    shopServiceProblems,
    SUCCESSES,
  );
  if (word.kind === 'foreign') throw new PublisherAway(`the publisher ${word.reason}`);
  if (word.kind === 'not-modified')
    throw new PublisherAway('the publisher answers 304, but the request named no version');
  if (word.kind === 'value') return word;
  const { code } = word.problem;
  if (code === 'unauthorized' || code === 'forbidden') throw new PublisherRefuses(tell(word.problem));
  // An internal error at one shop does not stop the others: its command failed, and the import goes on.
  if (shopServiceProblems[code].retryable && code !== 'internal-error') throw new PublisherAway(tell(word.problem));
  return word;
}

const tell = ({ status, code, detail }: OwnProblem<ShopServiceProblemCode>) =>
  `the publisher answers ${status} ${code}: ${detail}`;
