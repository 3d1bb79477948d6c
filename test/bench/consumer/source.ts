import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import type { Agreed } from '../../../contracts/wire/agreement.ts';
import type { FeedChange } from '../../../contracts/wire/feed.ts';
import { sourceRoutes } from '../../../publisher/source-api/routes.ts';
import type { Feed } from '../../../publisher/source-api/source.ts';
import { realShops } from '../shops.ts';
import type { SourceOrder, SourceReport } from './protocol.ts';

/** The source API of display as a process: the real routes, from memory, behind a simulated database. */
type Shop = Agreed<typeof displayAgreement>;

const catalogue = realShops();
let shops = new Map<string, { version: number; shop: Shop }>();
let counts = { requests: 0, shops: 0 };
let isSlow = false;
let chance = 1;

/** 2 ms a request; a slow source takes half a second for one in a hundred. */
async function database(): Promise<void> {
  chance = (chance * 48_271) % 2_147_483_647;
  await wait(isSlow && chance % 100 === 0 ? 500 : 2);
}

/** The change log, of which a cursor is the number of changes before it. */
let log: FeedChange[] = [];
let changed = new AbortController();

const feed: Feed = {
  async read({ after, limit, wait: ms, signal }) {
    const from = after === undefined ? log.length : Number(after);
    if (from === log.length && ms > 0) {
      const over = AbortSignal.any([signal, changed.signal]);
      await wait(ms, undefined, { signal: over }).catch(() => undefined);
      // As the publisher, which looks at its log every 25 ms.
      await wait(12);
    }
    await database();
    const changes = log.slice(from, from + limit);
    return { changes, next: String(from + changes.length), head: String(log.length) };
  },
};

function bump(id: string): number {
  const known = shops.get(id);
  if (known === undefined) return 0;
  known.version++;
  log.push({ id, type: 'shop.details-changed', version: known.version, gone: false });
  changed.abort();
  changed = new AbortController();
  const [first, ...rest] = known.shop.menu;
  if (first !== undefined) known.shop = { ...known.shop, menu: [{ ...first, price: 1_000 + known.version }, ...rest] };
  return known.version;
}

const app = new Hono();
app.post('/publish', async (c) => c.json(((await c.req.json()) as string[]).map(bump)));
app.route(
  '/',
  sourceRoutes(displayAgreement, {
    async read(ids) {
      counts.requests++;
      counts.shops += ids.length;
      await database();
      return ids.flatMap((id) => {
        const known = shops.get(id);
        return known === undefined ? [] : { id, version: known.version, state: known.shop };
      });
    },
    readPage: async () => [],
    feed,
    select: (shop) => shop,
    tokens: null,
    onFault: (error) => process.stderr.write(`${error.message}\n`),
  }),
);

const listener = getRequestListener(app.fetch) as RequestListener;
let server: Server = createServer(listener);
const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
await listen(0);
const { port } = server.address() as AddressInfo;
const say = (report: SourceReport) => process.send?.(report);

process.on('message', async (order: SourceOrder) => {
  if (order.do === 'reset') {
    log = [];
    shops = new Map(order.ids.map((id) => [id, { version: 1, shop: catalogue.get(id) as Shop }]));
    for (const [id, times] of Object.entries(order.bumps)) for (let n = 0; n < times; n++) bump(id);
    counts = { requests: 0, shops: 0 };
    isSlow = order.slow;
    chance = 1;
  }
  if (order.do === 'away') {
    server.close();
    server.closeAllConnections();
  }
  if (order.do === 'back') {
    server = createServer(listener);
    await listen(port);
  }
  if (order.do === 'report') {
    const versions = Object.fromEntries([...shops].map(([id, { version }]) => [id, version]));
    return say({ kind: 'report', ...counts, versions });
  }
  say({ kind: 'done' });
});

say({ kind: 'ready', url: `http://127.0.0.1:${port}` });
