import { onTestFinished } from 'vitest';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import type { PublisherConfig } from '../../publisher/config.ts';
import { tokenDigest } from '../../publisher/http/token.ts';
import type { RelayEvent } from '../../publisher/relay/relay.ts';
import type { Ring } from '../../publisher/relay/ring.ts';
import { startPublisher } from '../../publisher/wire.ts';
import { testBroker } from './broker.ts';
import { asOperator, operatorToken } from './publisher.ts';

/** What a command or a question was answered. */
export type Answered = { status: number; code: unknown; retryAfter: string | null; body: Record<string, unknown> };

/** A whole publisher, as its process puts it together, on a database; it rings at an embedded SNS. Stopped when the test is over. */
export async function runningPublisher(databaseUrl: string, more: Partial<PublisherConfig> = {}) {
  const { client, stage } = await testBroker();
  const { topicArn } = await provision(shopTopologyOf(stage), client);
  const rung: Ring[] = [];
  const events: RelayEvent[] = [];
  const errors: Error[] = [];
  const place = { databaseUrl, topicArn, port: 0, host: '127.0.0.1' };
  const known = { tokens: {}, operatorTokens: [tokenDigest(operatorToken)] };
  const publisher = await startPublisher(
    { ...place, ...known, ...more },
    {
      sns: client,
      onRelay(event) {
        events.push(event);
        if (event.kind === 'rung') rung.push(...event.rings);
      },
      onError: (error) => errors.push(error),
    },
  );
  let stopped: Promise<boolean> | null = null;
  /** Whether everything ended in time. */
  const stop = () => {
    stopped ??= publisher.stop();
    return stopped;
  };
  onTestFinished(async () => void (await stop()));
  const url = `http://127.0.0.1:${publisher.listening.port}`;

  async function call(method: string, path: string, content?: unknown, headers = {}): Promise<Answered> {
    const type = content === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...asOperator, ...type, ...headers },
      ...(content !== undefined && { body: JSON.stringify(content) }),
    });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, code: body['code'], retryAfter: response.headers.get('retry-after'), body };
  }

  const said = (words: RegExp) => events.some((event) => event.kind === 'failed' && words.test(event.reason));
  return { publisher, stop, url, call, rung, events, errors, said, ids: () => rung.map(({ id }) => id) };
}

/** How a publisher says that its database is away just now. */
export const AWAY = { status: 503, code: 'unavailable', retryAfter: '1' };
