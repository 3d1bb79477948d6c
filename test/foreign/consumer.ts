import { SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';

/** A consumer of somebody else: it knows a queue, an API and a token, and nothing of Doorbell. */
const { QUEUE_URL = '', SHOPS_URL = '', SHOPS_TOKEN = '' } = process.env;
const shops = new Map<string, { version: number; resource: unknown }>();

async function look(id: string, minVersion = '1'): Promise<void> {
  const headers = { authorization: `Bearer ${SHOPS_TOKEN}`, 'min-version': minVersion };
  const answer = await fetch(`${SHOPS_URL}/${id}`, { headers });
  if (answer.status !== 200 && answer.status !== 410) throw new Error(`GET ${id} is answered by ${answer.status}`);
  const { version, resource = null } = (await answer.json()) as { version: number; resource?: unknown };
  if (version > (shops.get(id)?.version ?? 0)) shops.set(id, { version, resource });
}

const consumer = Consumer.create({
  queueUrl: QUEUE_URL,
  sqs: new SQSClient(),
  batchSize: 10,
  messageAttributeNames: ['version'],
  async handleMessage(message) {
    const { id, type } = JSON.parse(message.Body ?? '') as { id: string; type: string };
    await look(id, message.MessageAttributes?.['version']?.StringValue);
    process.stdout.write(`${JSON.stringify({ id, type, ...shops.get(id) })}\n`);
    return message;
  },
});
const complain = ({ message }: Error) => process.stderr.write(`${message}\n`);
consumer.on('error', (error) => complain(error));
consumer.on('processing_error', (error) => complain(error));
consumer.start();
process.once('SIGTERM', () => consumer.stop());
