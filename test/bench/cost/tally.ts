import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';

/** What calls of one kind came to. `items`: messages, entries or keys; `empty`: calls that brought none; `bytes`: of bodies published. */
export type Tally = { calls: number; items: number; empty: number; bytes: number; units: number };

/** Counted calls by kind: `sns PublishBatch`, `sqs ReceiveMessage doorbell-display`. */
export type Tallies = Record<string, Tally>;

/** A proxy in front of AWS's stand-ins that counts what passes. */
export type CountingProxy = { url: string; take: () => Tallies; stop: () => Promise<void> };

type Body = Record<string, unknown>;
type Call = { kind: string; body: string; answer: string };

/** Starts one. Every call to DynamoDB is made to say what it consumed. */
export async function startCountingProxy(to: string): Promise<CountingProxy> {
  let tallies: Tallies = {};
  // Long polls stand in nobody's way.
  const agent = new Agent({ connections: 256, headersTimeout: 40_000, bodyTimeout: 40_000 });
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const sent = await textOf(incoming);
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const body = target.startsWith('DynamoDB') ? withCapacity(sent) : sent;
    const {
      'content-length': _,
      connection: __,
      'transfer-encoding': ___,
      expect: ____,
      ...headers
    } = incoming.headers;
    const gone = new AbortController();
    outgoing.on('close', () => gone.abort());
    const answered = await request(new URL(incoming.url ?? '/', to), {
      dispatcher: agent,
      method: (incoming.method ?? 'POST') as 'POST',
      headers: headers as Record<string, string>,
      body,
      signal: gone.signal,
    });
    const answer = await answered.body.text();
    count(tallies, { kind: kindOf(target, body), body, answer });
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...told } = answered.headers;
    outgoing.writeHead(answered.statusCode, told).end(answer);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = tallies;
      tallies = {};
      return taken;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await agent.destroy();
    },
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** SNS takes forms, SQS and DynamoDB take JSON with the action in a header. */
function kindOf(target: string, body: string): string {
  const [service = '', action = ''] = target.split('.');
  if (service.startsWith('AmazonSQS')) return `sqs ${action} ${lastPart(String((JSON.parse(body) as Body).QueueUrl))}`;
  if (service.startsWith('DynamoDB')) return `dynamodb ${action}`;
  return `sns ${new URLSearchParams(body).get('Action')}`;
}

const lastPart = (url: string) => url.split('/').at(-1) ?? '';

const withCapacity = (body: string) =>
  JSON.stringify({ ...(JSON.parse(body) as Body), ReturnConsumedCapacity: 'TOTAL' });

function count(tallies: Tallies, { kind, body, answer }: Call): void {
  tallies[kind] ??= { calls: 0, items: 0, empty: 0, bytes: 0, units: 0 };
  const tally = tallies[kind];
  const items = itemsOf(kind, body, answer);
  tally.calls++;
  tally.items += items;
  tally.empty += items === 0 ? 1 : 0;
  tally.bytes += kind.startsWith('sns') ? publishedBytes(body) : 0;
  tally.units += kind.startsWith('dynamodb') ? unitsOf(answer) : 0;
}

function itemsOf(kind: string, body: string, answer: string): number {
  if (kind.startsWith('sns')) return publishedMessages(body).length;
  if (kind.startsWith('dynamodb')) return 1;
  const { Messages = [] } = JSON.parse(answer || '{}') as { Messages?: unknown[] };
  const { Entries = [] } = JSON.parse(body) as { Entries?: unknown[] };
  return kind.includes('Receive') ? Messages.length : Entries.length;
}

function publishedMessages(body: string): string[] {
  return [...new URLSearchParams(body)].flatMap(([name, value]) => (/\.Message$|^Message$/.test(name) ? [value] : []));
}

const publishedBytes = (body: string) =>
  publishedMessages(body).reduce((sum, each) => sum + Buffer.byteLength(each), 0);

function unitsOf(answer: string): number {
  const { ConsumedCapacity = [] } = JSON.parse(answer || '{}') as { ConsumedCapacity?: unknown };
  const consumed = [ConsumedCapacity].flat() as { CapacityUnits?: number }[];
  return consumed.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}
