import { exampleEvent } from '../example-event.ts';

/** A shop and its history, as the same example in every document. */
const shopId = 'shop_002aeef17eec8eac';
const item = { id: 'item_soup', name: '김치찌개', price: 8000, priceNote: null };
const owner = { id: 'owner_kim', name: 'Kim Min-ji', publicName: 'Min-ji' };
const closedId = 'shop_1f0c2ab3d4e5f607';
const { version, eventId, at } = exampleEvent;

const shop = {
  name: '바보네집',
  category: '한식',
  region: { province: '서울', city: '강남구' },
  address: '논현로120길 14',
  place: { latitude: 37.5081, longitude: 127.0326 },
  delivery: null,
  parking: false,
};

const ownShop = { id: shopId, ...shop, openness: 'open', hours: '11:00~21:00', menu: [item], owner };

const displayShop = { ...shop, openness: 'open', hours: '11:00~21:00', menu: [item] };

const adShop = {
  name: shop.name,
  category: shop.category,
  region: shop.region,
  place: shop.place,
  openness: 'open',
  headline: { name: item.name, price: item.price, priceNote: item.priceNote },
  owner: { publicName: owner.publicName },
};

const commandAnswer = (version: number, ...types: string[]) => ({
  id: shopId,
  version,
  events: types.map((type, n) => ({ type, version: version - types.length + n + 1, eventId })),
});

/** Example values; a test checks that each fits its schema. */
export const examples = {
  shopId,
  closedId,
  ownerId: owner.id,
  itemId: item.id,
  version,
  eventId,
  at,
  item,
  owner,
  shop,
  ownShop,
  displayShop,
  adShop,
  shopDocument: { version, ...ownShop },
  notification: { id: shopId, type: 'shop.menu-item-price-changed' },
  commandAnswer,
} as const;
