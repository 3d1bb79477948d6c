import assert from 'node:assert/strict';
import type { Part } from '../../consumers/part.ts';
import type { ViewRow } from '../../consumers/runtime/views/view-store.ts';
import type { Agreement } from '../../contracts/wire/agreement.ts';
import { entityTag, MIN_VERSION } from '../../contracts/wire/source-api.ts';
import { agreedShop } from './agreed-shop.ts';
import type { Done } from './consumer-world.ts';
import { exampleOf, like } from './matchers.ts';

/** What must be so at the publisher before it is asked, by the names in test/support/provider-states.ts. */
export type State = { name: string; params?: Record<string, string | number> };

/** One use that a consumer makes of its source API, and what must come of it. */
export type Interaction = {
  name: string;
  states: State[];
  request: { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body?: unknown };
  response: { status: number; headers?: Record<string, unknown>; body?: unknown };
  /** Rings that make it ask: a shop's id, and its version if the ring says it. */
  rings: { id: string; version?: number }[];
  held?: ViewRow<unknown>[];
  token?: string;
  expect: (done: Done) => void;
};

/** The token that is good for an agreement, in tests. */
export const tokenOf = (agreement: string): string => `token-of-${agreement}`;

/** What a request always brings along. */
const headersOf = (name: string, token = tokenOf(name)) => ({
  Accept: 'application/json',
  'Accept-Encoding': 'identity',
  Authorization: `Bearer ${token}`,
});

const problemHeaders = { 'Content-Type': 'application/problem+json' };
const retryAfter = { ...problemHeaders, 'Retry-After': like.regex('^[1-9]\\d*$', '60') };

/** Every use that a consumer makes of its source API while it is rung. */
export function interactionsOf({ consumer: { agreement, project } }: Part): Interaction[] {
  const { name, path } = agreement;
  const shown = (stated: 'everything' | 'nothing', id: string) => project(exampleOf(agreedShop(agreement, stated)), id);
  const heldAt = (id: string, version: number) => ({ id, version, view: shown('everything', id) });
  const one = (id: string, more: Record<string, string> = {}, token?: string) => ({
    method: 'GET' as const,
    path: `${path}/${id}`,
    headers: { ...headersOf(name, token), ...more },
  });
  const asksFor = (version: number) => ({ [MIN_VERSION]: String(version) });
  const has = (version: number) => ({ 'If-None-Match': entityTag(agreement, version) });
  const found = (stated: 'everything' | 'nothing', id: string): Interaction => ({
    name: `one shop that states ${stated}`,
    states: [{ name: `a shop that states ${stated}`, params: { id, version: 3 } }],
    request: one(id, asksFor(3)),
    response: { status: 200, body: { id, version: like.integer(3), resource: agreedShop(agreement, stated) } },
    rings: [{ id, version: 3 }],
    expect: ({ rows }) => assert.deepEqual(rows, [{ id, version: 3, view: shown(stated, id) }]),
  });

  return [
    found('everything', 'full'),
    found('nothing', 'bare'),
    {
      name: 'a shop that is held already',
      states: [{ name: 'a shop that states everything', params: { id: 'held', version: 3 } }],
      request: one('held', has(3)),
      response: { status: 304 },
      rings: [{ id: 'held' }],
      held: [heldAt('held', 3)],
      expect: ({ rows, outcomes }) => assert.deepEqual([rows, outcomes], [[heldAt('held', 3)], ['current']]),
    },
    {
      name: 'a shop that has closed',
      states: [{ name: 'a closed shop', params: { id: 'closed', version: 4 } }],
      request: one('closed', { ...asksFor(4), ...has(3) }),
      response: { status: 410, headers: problemHeaders, body: { code: 'resource-gone', version: like.integer(4) } },
      rings: [{ id: 'closed', version: 4 }],
      held: [heldAt('closed', 3)],
      expect: ({ rows }) => assert.deepEqual(rows, [{ id: 'closed', version: 4, view: null }]),
    },
    {
      name: 'a shop that nobody registered',
      states: [{ name: 'no such shop', params: { id: 'unknown' } }],
      // A replica takes it for one that is still to come as long as the ring says a version.
      request: one('unknown'),
      response: { status: 404, headers: problemHeaders, body: { code: 'resource-not-found' } },
      rings: [{ id: 'unknown' }],
      expect: ({ rows, returned, buried }) => assert.deepEqual([rows, returned, buried], [[], ['m0'], []]),
    },
    {
      name: 'a shop of which the replica is behind',
      states: [{ name: 'a shop of which the replica is behind', params: { id: 'late', version: 3 } }],
      request: one('late', { ...asksFor(4), ...has(3) }),
      response: { status: 503, headers: retryAfter, body: { code: 'behind', version: like.integer(3) } },
      rings: [{ id: 'late', version: 4 }],
      held: [heldAt('late', 3)],
      expect: ({ rows, returned }) => assert.deepEqual([rows, returned], [[heldAt('late', 3)], ['m0']]),
    },
    {
      name: 'a shop, with a token that is not good for it',
      states: [{ name: 'a shop that states everything', params: { id: 'guarded', version: 1 } }],
      request: one('guarded', asksFor(1), 'somebody-else'),
      response: {
        status: 401,
        headers: problemHeaders,
        body: { code: 'unauthorized', detail: like.example('Send a token that is good.') },
      },
      rings: [{ id: 'guarded', version: 1 }],
      token: 'somebody-else',
      // It is about us and not about the shop: the ring goes back, and nothing is buried.
      expect: ({ returned, buried }) => assert.deepEqual([returned, buried], [['m0'], []]),
    },
    {
      name: 'a shop, more often than may be',
      states: [{ name: 'too many requests' }],
      request: one('often', asksFor(1)),
      response: { status: 429, headers: retryAfter, body: { code: 'too-many-requests' } },
      rings: [{ id: 'often', version: 1 }],
      // 60 s are more than a look may take: it is not asked again, and the ring goes back.
      expect: ({ returned, buried }) => assert.deepEqual([returned, buried], [['m0'], []]),
    },
    batch(agreement, shown('everything', 'some')),
  ];
}

/** Each shop of a batch is answered for itself. */
function batch(agreement: Agreement, view: unknown): Interaction {
  const held = (id: string) => ({ id, version: 3, view });
  const states: State[] = [
    { name: 'a shop that states everything', params: { id: 'some', version: 3 } },
    { name: 'a shop that states everything', params: { id: 'same', version: 3 } },
    { name: 'a closed shop', params: { id: 'gone', version: 4 } },
    { name: 'a shop of which the replica is behind', params: { id: 'slow', version: 3 } },
    { name: 'no such shop', params: { id: 'none' } },
  ];
  const wants = [
    { id: 'some', minVersion: 3 },
    { id: 'same', have: 3 },
    { id: 'gone', minVersion: 4, have: 3 },
    { id: 'slow', minVersion: 4, have: 3 },
    { id: 'none', have: 3 },
  ];
  const answers = [
    { status: 200, id: 'some', version: like.integer(3), resource: agreedShop(agreement, 'everything') },
    { status: 304, id: 'same', version: 3 },
    { status: 410, id: 'gone', version: like.integer(4) },
    { status: 503, id: 'slow', version: like.integer(3) },
    { status: 404, id: 'none' },
  ];
  return {
    name: 'a batch of shops',
    states,
    request: {
      method: 'POST',
      path: `${agreement.path}/batch`,
      headers: { ...headersOf(agreement.name), 'Content-Type': 'application/json' },
      body: { resources: wants },
    },
    response: { status: 200, body: { resources: answers } },
    rings: wants.map(({ id, minVersion }) => ({ id, ...(minVersion !== undefined && { version: minVersion }) })),
    held: ['same', 'gone', 'slow', 'none'].map(held),
    expect({ rows, returned }) {
      const gone = { id: 'gone', version: 4, view: null };
      assert.deepEqual(rows, [gone, held('none'), held('same'), held('slow'), held('some')]);
      assert.deepEqual(returned.toSorted(), ['m3', 'm4']);
    },
  };
}
