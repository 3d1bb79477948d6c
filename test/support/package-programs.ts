/** Gives an agreement of a team's own. */
export const AGREEMENT = `
import * as z from 'zod';
import { defineAgreement } from 'doorbell/agreement';

export const pressAgreement = defineAgreement({
  name: 'press', version: 1, wakesOn: ['shop.opened'], path: '/press/shops', resource: z.object({ name: z.string() }),
});
`;

/** A team's own service: an agreement, a consumer and the source API, from the installed package alone. */
export const SERVICE = `
import { Hono } from 'hono';
import * as z from 'zod';
import { defineConsumer } from 'doorbell/define-consumer';
import type { Queue, ViewStore } from 'doorbell/ports';
import { sourceRoutes } from 'doorbell/source-routes';
import { openSqliteViewStore } from 'doorbell/sqlite-view-store';
import { startConsumer } from 'doorbell/start-consumer';
import { startWorker } from 'doorbell/worker';
import { pressAgreement } from './press.ts';

export const consumer = defineConsumer({
  agreement: pressAgreement,
  view: z.object({ headline: z.string() }),
  project: (shop) => ({ headline: shop.name.toUpperCase() }),
});
// @ts-expect-error the press has not agreed on a price
defineConsumer({ agreement: pressAgreement, view: z.object({ price: z.number() }), project: (shop) => ({ price: shop.price }) });

export const app = new Hono().route('/', sourceRoutes(pressAgreement, {
  read: async (ids) => ids.map((id) => ({ id, version: 1, state: { name: 'soup', secret: 'recipe' } })),
  readPage: async () => [],
  select: (state) => state,
  tokens: null,
  onFault: console.error,
}));
const answer = await app.request('/press/shops/a');
const store: ViewStore<{ headline: string }> = openSqliteViewStore<{ headline: string }>(':memory:');
const queue: Queue = {
  receive: (most, seconds, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  remove: async () => [],
  release: async () => [],
  bury: async () => [],
};
const running = await startConsumer({
  consumer,
  source: { look: async (wants) => wants.map(() => ({ kind: 'missing' as const })) },
  broker: { queue },
  store,
  onWritten: (rows) => rows.map(({ view }) => view?.headline),
  log: false,
});
// @ts-expect-error a view of the press has no price
const wrong = () => startConsumer({ consumer, source: { url: 'http://a' }, broker: { queue }, onWritten: (rows) => rows[0]?.view?.price });
console.log(await answer.text(), await running.stop(), typeof startWorker);
`;

/** A program that only looks, by the client that the runtime uses itself. */
export const READER = `
import { serve } from '@hono/node-server';
import { createSourceClient } from 'doorbell/source-client';
import { SourceUnavailable } from 'doorbell/source-error';
import { systemClock } from 'doorbell/system';
import { undiciHttp } from 'doorbell/undici-http';
import { pressAgreement } from './press.ts';
import { app } from './service.ts';

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, async ({ port }) => {
  const client = createSourceClient(pressAgreement, { url: 'http://127.0.0.1:' + port, clock: systemClock });
  const signal = AbortSignal.timeout(10_000);
  const [one] = await client.look([{ id: 'a' }], signal);
  const several = await client.look([{ id: 'b' }, { id: 'c', minVersion: 9 }, { id: 'd', have: 1 }], signal);
  const names: string[] = several.flatMap((look) => (look.kind === 'found' ? [look.resource.name] : []));
  // @ts-expect-error the press has not agreed on a price
  if (one?.kind === 'found') one.resource.price;
  // @ts-expect-error nobody has a name before it is looked whether there is a shop
  one?.resource;
  const pooled = createSourceClient(pressAgreement, { url: 'http://127.0.0.1:' + port, clock: systemClock, http: undiciHttp });
  const [again] = await pooled.look([{ id: 'a' }], signal);
  await pooled.close();
  console.log(one?.kind, several.map(({ kind }) => kind).join(), names.join(), again?.kind);
  server.close();
  const away = await client.look([{ id: 'e' }], signal).catch((error) => error);
  console.log(away instanceof SourceUnavailable);
  await client.close();
});
`;

/** Takes the five names of the package's root. */
export const ROOT = `
import { createOutbox, defineAgreement, defineConsumer, sourceRoutes, startConsumer } from 'doorbell';

const names = { createOutbox, defineAgreement, defineConsumer, sourceRoutes, startConsumer };
console.log(Object.values(names).every((each) => typeof each === 'function'), Object.keys(names).join());
`;

/** Takes the root and an export by \`require\`. */
export const COMMON_JS = `
const { defineConsumer, ...others } = require('doorbell');
const { createOutbox } = require('doorbell/outbox');
console.log(typeof defineConsumer, Object.keys(others).length, typeof createOutbox);
`;

/** The same with types, as a CommonJS project writes it. */
export const COMMON_TS = `
import { defineConsumer } from 'doorbell';
import { createOutbox } from 'doorbell/outbox';
console.log(typeof defineConsumer, typeof createOutbox);
`;
