import { describe, expect, test } from 'vitest';
import { aShop, publisher } from '../support/publisher.ts';

/** One request, and the refusal that a client reads: status, code and detail. */
type Case = [
  request: string,
  body: unknown,
  headers: Record<string, string>,
  status: number,
  code: string,
  detail: string,
];

const menu = Array.from({ length: 200 }, (_, n) => ({ id: `item_${n}`, name: 'x', price: 1 }));
const two = [menu[0], menu[0]];
const key = { 'idempotency-key': 'once' };
const past = '2020-01-01T00:00:00.000Z';

const cases: Case[] = [
  ['POST /shops/none/close', undefined, {}, 404, 'resource-not-found', 'Register the shop first: POST /shops.'],
  ['GET /shops/none', undefined, {}, 404, 'resource-not-found', 'No shop none. GET /shops lists those there are.'],
  [
    'POST /shops',
    { ...aShop, id: 'open' },
    {},
    409,
    'shop-exists',
    'Change it with PATCH /shops/{id} and its neighbours, or close it first.',
  ],
  [
    'POST /shops/closed/pause',
    undefined,
    {},
    409,
    'shop-closed',
    'The shop has closed. POST /shops with its id registers it anew.',
  ],
  [
    'DELETE /shops/open/menu/none',
    undefined,
    {},
    404,
    'menu-item-not-found',
    'GET /shops/open shows the menu and the ids of its items.',
  ],
  [
    'POST /shops/open/menu',
    { id: 'item_soup', name: 'x', price: 1 },
    {},
    409,
    'menu-item-exists',
    'The menu has an item item_soup; change it, or leave the id out.',
  ],
  ['POST /shops', { ...aShop, menu: two }, {}, 409, 'menu-item-exists', 'Two items of the menu have the same id.'],
  [
    'POST /shops/full/menu',
    { name: 'x', price: 1 },
    {},
    409,
    'menu-full',
    'A menu has at most 200 items; remove one first.',
  ],
  [
    'PUT /shops/open/owner',
    { ownerId: 'none' },
    {},
    404,
    'owner-not-found',
    'Register the owner first: PUT /owners/none.',
  ],
  [
    'GET /shops/open?version=99',
    undefined,
    {},
    404,
    'version-not-found',
    'GET /shops/open/events shows all versions; 99 is not among them.',
  ],
  [
    `GET /shops/open?at=${past}`,
    undefined,
    {},
    404,
    'version-not-found',
    `Shop open was not registered yet at ${past}.`,
  ],
  [
    'POST /shops/open/pause',
    undefined,
    { 'if-match': '"7"' },
    412,
    'version-conflict',
    'If-Match asks for 7, but it is at version 1 now. Read it again, then decide.',
  ],
  [
    'PUT /owners/new',
    { name: 'Kim', publicName: 'K' },
    { 'if-match': '*' },
    412,
    'version-conflict',
    'If-Match asks for *, but there is none yet. Read it again, then decide.',
  ],
  [
    'POST /shops/open/pause',
    undefined,
    key,
    422,
    'idempotency-key-reused',
    'Another request came with this key; use a new key per command.',
  ],
];

describe('a refusal names what to do next', () => {
  test.each(cases)('%s', async (request, body, headers, status, code, detail) => {
    const { call, register } = await publisher();
    await register('open');
    await register('closed');
    await call('POST', '/shops/closed/close', undefined, key);
    await call('POST', '/shops', { ...aShop, id: 'full', menu });
    const [method = '', path = ''] = request.split(' ');
    const answer = await call(method, path, body, headers);
    expect(answer).toMatchObject({ status, body: { status, code, detail, type: `/problems/${code}` } });
    expect(answer.headers.get('etag')).toBe(detail.includes('version 1 now') ? '"1"' : null);
  });
});
