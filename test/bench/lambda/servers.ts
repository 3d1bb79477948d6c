import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { smallAws } from '../../support/small-aws.ts';
import { realShops } from '../shops.ts';
import type { ServersOrder, ServersReport } from './protocol.ts';

/** AWS and the source of display on one port, a process for all sandboxes. A sandbox that reads its secret finds no views yet. */
const resources = realShops();
const aws = smallAws();
aws.secrets.set(process.argv[2] ?? '', 'token-of-display-and-of-nobody-else');
let looks = 0;

const found = (id: string) => ({ status: 200, id, version: 7, resource: resources.get(id) });

const one = (url: string) => found(url.split('/').at(-1) ?? '');

const many = (body: string) => {
  const asked = JSON.parse(body) as { resources: { id: string }[] };
  return { resources: asked.resources.map(({ id }) => found(id)) };
};

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (request.url?.startsWith('/display/')) {
    looks++;
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(request.method === 'GET' ? one(request.url) : many(body)));
  }
  const target = request.headers['x-amz-target']?.toString();
  if (target?.endsWith('.GetSecretValue')) {
    aws.items.clear();
    aws.buried.length = 0;
  }
  const { status, type, body: text } = aws.answer(target, body);
  response.writeHead(status, { 'content-type': type });
  return response.end(text);
});

const say = (report: ServersReport) => process.send?.(report);

process.on('message', (_order: ServersOrder) =>
  say({ kind: 'count', views: aws.items.size, buried: aws.buried.length, looks }),
);
server.listen(0, '127.0.0.1', () =>
  say({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);
