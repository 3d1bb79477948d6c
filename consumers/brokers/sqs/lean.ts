import { type Dispatcher, Pool } from 'undici';
import { wholeAnswer } from '../../runtime/source/undici-http.ts';
import type { Clock } from '../../runtime/system.ts';
import type { Sdk, SqsAction, SqsAnswer, SqsCall } from './sdk.ts';
import { createSigner } from './sign.ts';

/** The frequent calls: one for every few messages. */
const HOT = new Set<SqsAction>(['ReceiveMessage', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch']);

/** Milliseconds. A long poll of 20 s answers within 30; every other call within 10. */
const TIMEOUT = { poll: 30_000, other: 10_000 };

/** Connections. Receives have their own: a delete behind a long poll would wait 20 seconds for its turn. */
type Pools = { polls: Dispatcher; others: Dispatcher; host: string; path: string; region: string };

/** Settings of the lean calls. */
export type LeanOptions = { sdk: Sdk; queueUrl: string; clock: Clock; openPool?: (origin: string) => Dispatcher };

/**
 * Makes the frequent calls by undici and a signer that keeps its key; all other calls by the SDK. The SDK also gives
 * the address, the credentials and the error of our clock. After a failed lean call it repeats the call with its own
 * retry rules, clock correction and error codes, until one succeeds (docs/decisions/0011-lean-sqs.md).
 */
export function createLeanCall({ sdk, queueUrl, clock, openPool = openUndici }: LeanOptions): {
  call: SqsCall;
  close: () => Promise<void>;
} {
  const sign = createSigner();
  let pools: Promise<Pools> | null = null;
  let isTroubled = false;

  async function open(): Promise<Pools> {
    const { origin, path, region } = await sdk.target(queueUrl);
    return { polls: openPool(origin), others: openPool(origin), host: new URL(origin).host, path, region };
  }

  async function lean(
    action: SqsAction,
    input: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<SqsAnswer | null> {
    // Credentials may come later than the first call: a failed lookup is repeated at the next call.
    pools ??= open().catch((error) => {
      pools = null;
      throw error;
    });
    const { polls, others, host, path, region } = await pools;
    // The SDK knows how to sign for an endpoint with a path of its own, as behind a proxy.
    if (path !== '/') return null;
    const body = JSON.stringify(input);
    const now = clock.now() + sdk.clockOffset();
    const credentials = await sdk.credentials();
    const headers = sign({ host, region, target: `AmazonSQS.${action}`, body, credentials, now });
    const isPoll = action === 'ReceiveMessage';
    const headersTimeout = isPoll ? TIMEOUT.poll : TIMEOUT.other;
    const request = { method: 'POST', path: '/', headers, body, headersTimeout } as const;
    const answer = await wholeAnswer(isPoll ? polls : others, request, { signal });
    return answer.status === 200 ? (JSON.parse(answer.body || '{}') as SqsAnswer) : null;
  }

  return {
    async call(action, input, signal) {
      if (HOT.has(action) && !isTroubled) {
        const answer = await lean(action, input, signal).catch(() => null);
        if (answer !== null) return answer;
        signal?.throwIfAborted();
        isTroubled = true;
      }
      const answer = await sdk.call(action, input, signal);
      isTroubled = false;
      return answer;
    },
    async close() {
      const opened = await pools?.catch(() => null);
      // Closing waits for nothing: a call to a silent queue would take minutes.
      await Promise.all([opened?.polls.destroy(), opened?.others.destroy()]);
      sdk.close();
    },
  };
}

/** 32 connections: more than a worker's long polls and deletes at once. */
function openUndici(origin: string): Dispatcher {
  return new Pool(origin, { connections: 32, connect: { timeout: 2_000 }, bodyTimeout: TIMEOUT.other });
}
