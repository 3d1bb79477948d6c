import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTypes } from '../../contracts/shops/event-types.ts';
import { toMessage } from '../../publisher/relay/message.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { publisher } from '../support/publisher.ts';

/** 2,000 shops with two commands each besides their registration: some 5,800 events, in 6 s. */
const SHOPS = 2_000;

const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789');
/** A text that no key, id, type, time or digit could be taken for: some of it in Latin letters, some in Hangul. */
const text = (most: number) =>
  fc
    .tuple(fc.string({ unit: letters, minLength: 1, maxLength: 12 }), fc.integer({ min: 0xac00, max: 0xd7a3 }))
    .map(([latin, hangul]) => `~${latin}${String.fromCharCode(hangul)}~`.slice(0, most));
/** Five digits and more: no version has as many, and no time of an event as few. */
const price = fc.integer({ min: 10_000, max: 1_000_000_000 });
const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true }).map((each) => each + 1e-7);
const itemId = fc.string({ unit: letters, minLength: 8, maxLength: 8 }).map((id) => `item-${id}`);
const item = fc.record({ id: itemId, name: text(100), price, priceNote: text(100) });

const details = {
  name: text(100),
  category: text(40),
  region: fc.record({ province: text(40), city: text(40) }),
  address: text(200),
  place: fc.record({ latitude: degrees(89), longitude: degrees(179) }),
  delivery: fc.boolean(),
};

type Command = [method: string, path: string, body?: unknown];

/** A change of a shop whose menu begins with `first`. */
const changeOf = (first: string): fc.Arbitrary<Command> =>
  fc.oneof(
    fc.record(details).map((body): Command => ['PATCH', '', body]),
    text(100).map((hours): Command => ['PUT', '/hours', { hours }]),
    fc.constantFrom<Command>(['POST', '/pause'], ['POST', '/open'], ['POST', '/close']),
    item.map((body): Command => ['POST', '/menu', body]),
    fc
      .record({ name: text(100), price, priceNote: text(100) })
      .map((body): Command => ['PATCH', `/menu/${first}`, body]),
    fc.constant<Command>(['DELETE', `/menu/${first}`]),
    fc.constantFrom(null, 'owner-0', 'owner-1').map((ownerId): Command => ['PUT', '/owner', { ownerId }]),
  );

const shop = fc
  .record({ ...details, hours: text(100), menu: fc.tuple(item), ownerId: fc.constantFrom('owner-0', 'owner-1') })
  .chain((body) =>
    fc.record({
      body: fc.constant(body),
      changes: fc.array(changeOf(body.menu[0].id), { minLength: 2, maxLength: 2 }),
    }),
  );

/** Every text and number in a value. */
function leavesOf(value: unknown): (string | number)[] {
  if (typeof value === 'string' || typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}

/** The state that a type's own name says: shop.opened, shop.paused, shop.closed. */
const SAID_BY_THE_TYPE = ['open', 'paused', 'closed'];

describe('zero payload', () => {
  test('no value of any command or event is in its notification or its attributes, over thousands of random shops', async () => {
    const { call, pool } = await publisher();
    for (const id of ['owner-0', 'owner-1'])
      await call('PUT', `/owners/${id}`, { name: `~${id}~`, publicName: `~${id} in public~` });
    const shops = fc.sample(shop, { numRuns: SHOPS, seed: 6 });
    await Promise.all(
      shops.map(async ({ body, changes }, n) => {
        const id = `s${n}x`;
        expect(await call('POST', '/shops', { ...body, id })).toMatchObject({ status: 201 });
        for (const [method, path, change] of changes) await call(method, `/shops/${id}${path}`, change);
      }),
    );

    const rings = await shopLog(pool).readAfter(0, 100_000);
    const { rows } = await pool.query(
      'select shop_id, type, version, event_id, data, meta, floor(extract(epoch from at) * 1000)::text as at from shop_events order by id',
    );
    expect(rings.length).toBeGreaterThan(2 * SHOPS);
    expect(new Set(rings.map(({ type }) => type))).toEqual(new Set(eventTypes));
    for (const [n, ring] of rings.entries()) {
      const { data, meta, shop_id, type, version, event_id, at } = rows[n];
      const { body, attributes } = toMessage(ring);
      expect(body).toBe(`{"id":"${shop_id}","type":"${type}"}`);
      // These four facts and nothing beside them: what is no text or number has no room either.
      const facts = Object.entries(attributes).map(([name, { StringValue }]) => [name, StringValue]);
      expect(Object.fromEntries(facts)).toEqual({ type, eventId: event_id, version: String(version), occurredAt: at });
      const values = facts.map(([, value]) => value);
      const words = new Set([body, ...values].join(' ').split(/[^A-Za-z0-9.~]+/));
      const told = [body, ...values].join(' ');
      const leaked = leavesOf([data, meta])
        .filter((leaf) => leaf !== shop_id && !SAID_BY_THE_TYPE.includes(String(leaf)))
        .filter((leaf) => (typeof leaf === 'number' ? words.has(String(leaf)) : told.includes(leaf)));
      expect(leaked).toEqual([]);
    }
  });
});
