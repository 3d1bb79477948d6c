import type { Message } from '@aws-sdk/client-sqs';
import { LRUCache } from 'lru-cache';
import pRetry from 'p-retry';
import type { Context, Subject } from '../subject.ts';
import { eventIdOf, loop, openPool, openSqs } from './sdk.ts';

type Cached = { etag: string; version: number };

/** What a careful engineer writes: SDK loops, a fetch per message with p-retry, an lru-cache with ETags, batch deletes. */
export async function start(context: Context): Promise<Subject> {
  const stopping = new AbortController();
  const sqs = openSqs(context);
  const pool = openPool(context);
  const cache = new LRUCache<string, Cached>({ max: 10_000 });

  async function fetchShop(id: string): Promise<number> {
    const cached = cache.get(id);
    const headers = cached === undefined ? {} : { 'if-none-match': cached.etag };
    const answer = await pool.request({ method: 'GET', path: `/display/shops/${id}`, headers });
    if (answer.statusCode === 304 && cached !== undefined) {
      await answer.body.dump();
      return cached.version;
    }
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw new Error(`the source answers ${answer.statusCode}`);
    }
    const { version } = (await answer.body.json()) as { version: number };
    cache.set(id, { etag: String(answer.headers.etag), version });
    return version;
  }

  async function handle(message: Message): Promise<Message | null> {
    const { id } = JSON.parse(message.Body ?? '') as { id: string };
    const version = await pRetry(() => fetchShop(id), { retries: 3, minTimeout: 50, signal: stopping.signal }).catch(
      () => null,
    );
    if (version === null) return null;
    context.put(id, version);
    context.viewed(eventIdOf(message));
    return message;
  }

  const work = async (messages: Message[]) =>
    (await Promise.all(messages.map(handle))).filter((message) => message !== null);
  const loops = Array.from({ length: context.pollers }, () => loop(sqs, context, work, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
