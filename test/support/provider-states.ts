import type { EventType } from '../../contracts/shops/event-types.ts';
import type { Pool } from '../../publisher/postgres/database.ts';
import { type OutgoingMessage, toMessage } from '../../publisher/relay/message.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { aShop, callOn, publisher } from './publisher.ts';
import { laggingReplica } from './replica.ts';

type Call = ReturnType<typeof callOn>;
/** What a pact says of a state. */
export type Params = { id?: string; version?: number; type?: EventType };

/** A request of an operator's. */
type Step = [method: string, path: string, body?: unknown];

type ProviderStates = Record<string, (params: Params) => Promise<void>>;

const owner: Step = ['PUT', '/owners/owner_1', { name: '김영희', publicName: '영희네' }];

/** Everything that a shop can state. */
const everything = {
  ...aShop,
  place: { latitude: 37.51, longitude: 127.03 },
  delivery: true,
  parking: false,
  menu: [{ id: 'item_soup', name: '김치찌개', price: 6000, priceNote: '곱빼기 8000' }],
  ownerId: 'owner_1',
};

/** A shop that leaves out whatever may be left out. */
const nothing = { name: '이름뿐', category: '한식', address: '논현로120길 14' };

/** What makes each event happen to a shop that states everything. */
const steps: Record<EventType, Step[]> = {
  'shop.registered': [],
  'shop.details-changed': [['PATCH', '', { name: '바보네집 2호점' }]],
  'shop.hours-changed': [['PUT', '/hours', { hours: '24시간' }]],
  'shop.opened': [
    ['POST', '/pause'],
    ['POST', '/open'],
  ],
  'shop.paused': [['POST', '/pause']],
  'shop.menu-item-added': [['POST', '/menu', { name: '순두부' }]],
  'shop.menu-item-changed': [['PATCH', '/menu/item_soup', { name: '묵은지찌개' }]],
  'shop.menu-item-price-changed': [['PATCH', '/menu/item_soup', { price: 6500 }]],
  'shop.menu-item-removed': [['DELETE', '/menu/item_soup']],
  'shop.owner-changed': [['PUT', '/owner', { ownerId: null }]],
  'shop.closed': [['POST', '/close']],
};

/**
 * The publisher's real app on real PostgreSQL, with a replica, and what it has to be able to become so that its pacts
 * can be verified (test/contract/pacts).
 */
export async function providerWorld() {
  const replica = await laggingReplica();
  let mayPass = true;
  const { app, pool, errors } = await publisher({
    replica: { pool: replica.pool, now: () => 0 },
    limit: () => mayPass,
  });
  const operator = callOn(app);
  const catchUp = () => replica.catchUp(pool);

  const states: ProviderStates = {
    'a shop that states everything': async ({ id = '', version = 1 }) => {
      await registered(operator, id, everything);
      await toggled(operator, id, version - 1);
      await catchUp();
    },
    'a shop that states nothing': async ({ id = '', version = 1 }) => {
      await registered(operator, id, nothing);
      await toggled(operator, id, version - 1);
      await catchUp();
    },
    'a closed shop': async ({ id = '', version = 2 }) => {
      await registered(operator, id, everything);
      await toggled(operator, id, version - 2);
      await done(operator, ['POST', `/shops/${id}/close`]);
      await catchUp();
    },
    'a shop of which the replica is behind': async ({ id = '', version = 1 }) => {
      await registered(operator, id, everything);
      await toggled(operator, id, version - 1);
      await catchUp();
      await done(operator, ['PATCH', `/shops/${id}`, { name: '바보네집 2호점' }]);
    },
    'no such shop': async () => {},
    'too many requests': async () => {
      mayPass = false;
    },
    'a shop to which this happens': async ({ id = '', type = 'shop.registered' }) => {
      await registered(operator, id, everything);
      for (const [method, path, body] of steps[type]) await done(operator, [method, `/shops/${id}${path}`, body]);
    },
  };
  const setUp = async (name: string, params: Params = {}) => {
    mayPass = true;
    const state = states[name];
    if (state === undefined)
      throw new Error(`the publisher knows no state "${name}": add it to test/support/provider-states.ts`);
    await state(params);
  };
  return { app, pool, errors, states: Object.keys(states), setUp, notify: () => lastMessage(pool) };
}

/** The message of what was committed last, made as the relay makes it. */
async function lastMessage(pool: Pool): Promise<OutgoingMessage> {
  const ring = (await shopLog(pool).readAfter(0, 1_000)).at(-1);
  if (ring === undefined) throw new Error('nothing was committed');
  return toMessage(ring);
}

async function registered(call: Call, id: string, shop: object): Promise<void> {
  await done(call, owner);
  await done(call, ['POST', '/shops', { ...shop, id }]);
}

/** Pauses and opens a shop: so many events. */
async function toggled(call: Call, id: string, events: number): Promise<void> {
  for (let n = 0; n < events; n++) await done(call, ['POST', `/shops/${id}/${n % 2 === 0 ? 'pause' : 'open'}`]);
}

async function done(call: Call, [method, path, body]: Step): Promise<void> {
  const answer = await call(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}
