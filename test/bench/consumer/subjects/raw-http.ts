import { Pool } from 'undici';
import { createSigner } from '../../../../consumers/brokers/sqs/sign.ts';
import type { Context, Subject } from '../subject.ts';
import { clientOf } from './sdk.ts';

type Answer = { Messages?: { ReceiptHandle: string; Body: string }[] };

/** The ceiling: ten loops that receive and delete by plain undici, signed, one call after the other, without any fetch. */
export async function start(context: Context): Promise<Subject> {
  const { endpoint, queueUrl, pollers } = context;
  const { credentials, region } = clientOf(context);
  const sign = createSigner();
  const { host } = new URL(endpoint);
  const pool = new Pool(endpoint, { connections: 2 * pollers });
  const stopping = new AbortController();

  async function call(action: string, input: unknown): Promise<Answer> {
    const body = JSON.stringify(input);
    const headers = sign({ host, region, target: `AmazonSQS.${action}`, body, credentials, now: Date.now() });
    const answer = await pool.request({ method: 'POST', path: '/', headers, body, signal: stopping.signal });
    return (await answer.body.json()) as Answer;
  }

  async function loop(): Promise<void> {
    const receive = {
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 20,
      MessageAttributeNames: ['All'],
    };
    while (!stopping.signal.aborted) {
      const { Messages = [] } = await call('ReceiveMessage', receive);
      const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
      if (Entries.length > 0) await call('DeleteMessageBatch', { QueueUrl: queueUrl, Entries });
    }
  }

  const loops = Array.from({ length: pollers }, () => loop().catch(() => undefined));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
