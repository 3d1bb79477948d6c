import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

/** Makes identifiers. It is passed to all code that needs one, so that tests can predict them. */
export type Ids = { shop: () => string; menuItem: () => string; event: () => string };

/** Makes random identifiers: 64 random bits for a shop or an item, UUIDv7 (RFC 9562) for an event. */
export const systemIds: Ids = {
  shop: () => `shop_${randomBytes(8).toString('hex')}`,
  menuItem: () => `item_${randomBytes(8).toString('hex')}`,
  event: () => uuidv7(),
};
