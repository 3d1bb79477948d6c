import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Dispatcher, Pool } from 'undici';
import type { Context } from '../subject.ts';

/** How every subject reaches the broker. */
export const clientOf = ({ endpoint }: Context) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
});

/** The SDK's client with as many sockets as there are loops. */
export const openSqs = (context: Context) =>
  new SQSClient({
    ...clientOf(context),
    requestHandler: { httpsAgent: { maxSockets: 100 }, httpAgent: { maxSockets: 100 } },
  });

/** A loop by the SDK: receive ten, work, delete those that were done. Ends when `signal` aborts. */
export async function loop(
  sqs: SQSClient,
  { queueUrl }: Context,
  work: (messages: Message[]) => Promise<Message[]>,
  signal: AbortSignal,
): Promise<void> {
  const receive = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 20,
    MessageAttributeNames: ['All'],
  });
  while (!signal.aborted) {
    const { Messages = [] } = await sqs
      .send(receive, { abortSignal: signal })
      .catch(() => ({ Messages: [] as Message[] }));
    if (Messages.length === 0) continue;
    const done = await work(Messages);
    const Entries = done.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
    if (Entries.length > 0)
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries })).catch(() => undefined);
  }
}

/** A pool for peers who fetch shop by shop: as many connections as they have messages in hand. */
export const openPool = ({ sourceUrl }: Context): Dispatcher => new Pool(sourceUrl, { connections: 100 });

/** One look as everybody writes it: GET the shop, check the status, keep it if it is newer. */
export async function look(
  pool: Dispatcher,
  { put, viewed }: Context,
  body: string,
  eventId: string | undefined,
): Promise<void> {
  const { id } = JSON.parse(body) as { id: string };
  const answer = await pool.request({ method: 'GET', path: `/display/shops/${id}` });
  if (answer.statusCode !== 200) {
    await answer.body.dump();
    throw new Error(`the source answers ${answer.statusCode}`);
  }
  const { version } = (await answer.body.json()) as { version: number };
  put(id, version);
  viewed(eventId);
}

/** The event id among a message's attributes. */
export const eventIdOf = ({ MessageAttributes }: Pick<Message, 'MessageAttributes'>) =>
  MessageAttributes?.eventId?.StringValue;
