import pRetry from 'p-retry';
import type { PlannedCommand, PresentShop } from './plan.ts';
import type { CommandReply } from './run-plan.ts';

/** Fetches from the publisher: over HTTP, or from the app in the same process. */
export type Fetch = (
  path: string,
  init?: { method: string; headers: Record<string, string>; body?: string },
) => Promise<Response>;

/** Fetches as an operator does: with the token in every request. */
export function withToken(fetch: Fetch, token: string): Fetch {
  const authorization = `Bearer ${token}`;
  return (path, init = { method: 'GET', headers: {} }) =>
    fetch(path, { ...init, headers: { ...init.headers, authorization } });
}

/** Every shop the publisher has, closed ones too. Throws if it answers anything but 200. */
export async function readPresent(fetch: Fetch): Promise<Map<string, PresentShop>> {
  const present = new Map<string, PresentShop>();
  let after: string | null = '';
  while (after !== null) {
    const response = await fetch(`/shops?limit=500&after=${after}`);
    if (response.status !== 200) throw new Error(`GET /shops answers ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as { shops: PresentShop[]; next: string | null };
    for (const shop of page.shops) present.set(shop.id, shop);
    after = page.next;
  }
  return present;
}

/** The publisher can't be reached, or is away for longer than we wait. */
export class PublisherAway extends Error {
  override name = 'PublisherAway';
}

/** 5 tries in some 6 seconds: a restart passes, an outage doesn't. */
const RETRY = { retries: 5, minTimeout: 200, randomize: true };

/** Sends one command, again if need be; its Idempotency-Key makes that safe. Throws PublisherAway. */
export function sendCommand(
  fetch: Fetch,
  command: PlannedCommand,
  headers: Record<string, string>,
): Promise<CommandReply> {
  const attempt = async () => {
    const reply = await sendOnce(fetch, command, headers).catch((cause: Error) => {
      throw new PublisherAway(`no answer: ${cause.message}`, { cause });
    });
    if (reply.status === 429 || reply.status >= 502)
      throw new PublisherAway(`the publisher answers ${reply.status}: ${reply.detail}`);
    return reply;
  };
  return pRetry(attempt, { ...RETRY, shouldRetry: ({ error }) => error instanceof PublisherAway });
}

async function sendOnce(
  fetch: Fetch,
  { method, path, body }: PlannedCommand,
  headers: Record<string, string>,
): Promise<CommandReply> {
  const json = body !== undefined && { body: JSON.stringify(body) };
  const response = await fetch(path, {
    method,
    headers: { ...headers, ...(json && { 'content-type': 'application/json' }) },
    ...json,
  });
  const answer = (await response.json()) as {
    version?: number;
    events?: { type: string }[];
    detail?: string;
    errors?: unknown;
  };
  const detail = [answer.detail, answer.errors && JSON.stringify(answer.errors)].filter(Boolean).join(' ');
  return { status: response.status, version: answer.version ?? 0, events: answer.events ?? [], detail };
}
