import * as z from 'zod/mini';
import { adAgreement } from '../shops/agreements/ad.ts';
import { agreements } from '../shops/agreements/all.ts';
import { CommandAnswer, commands } from '../shops/commands.ts';
import { EventMeta, HistoryEvent, Owner, OwnShop, ShopDocument } from '../shops/history.ts';
import {
  Address,
  Category,
  Details,
  Hours,
  MenuItem,
  MenuItemId,
  MenuItemName,
  Openness,
  OwnerId,
  OwnerName,
  Place,
  Price,
  PriceNote,
  Region,
  ShopId,
  ShopName,
} from '../shops/shop.ts';
import { type Agreement, labelOf } from '../wire/agreement.ts';
import { Notification, TypeName } from '../wire/notification.ts';
import { ResourceId, Version } from '../wire/resource.ts';
import { DigestRequest, Want } from '../wire/source-api.ts';
import { examples } from './examples.ts';

/** Description of a schema for the documents. A schema with an `id` is a component that documents refer to. */
export type Meaning = {
  id?: string;
  description?: string;
  examples?: unknown[];
  minProperties?: number;
  uniqueItems?: boolean;
};

/** Descriptions by schema. */
export const vocabulary = z.registry<Meaning>();

const say = (schema: z.core.$ZodType, meaning: Meaning) => vocabulary.add(schema, meaning);

say(ResourceId, {
  id: 'ResourceId',
  description: 'Identifies a resource. Ids are ordered by their bytes.',
  examples: [examples.shopId],
});
say(ShopId, { id: 'ShopId', description: 'Identifies a shop.', examples: [examples.shopId] });
say(OwnerId, { id: 'OwnerId', description: 'Identifies an owner.', examples: [examples.ownerId] });
say(MenuItemId, { id: 'MenuItemId', description: 'Identifies an item within its shop.', examples: [examples.itemId] });
say(Version, {
  id: 'Version',
  description: 'Number of events of a shop so far: 1 at registration, one more with every event, never restarting.',
  examples: [examples.version],
});
say(ShopName, {
  description: 'Surrounding spaces are removed; no control or format characters, and at least one visible character.',
  examples: [examples.shop.name],
});
say(Category, { description: 'Kind of shop.', examples: ['한식', '한식_일반'] });
say(Address, { description: 'As the shop states it.', examples: [examples.shop.address] });
say(Hours, { description: 'Opening hours as the shop writes them; not interpreted.', examples: ['11:00~21:00'] });
say(MenuItemName, { examples: [examples.item.name] });
say(OwnerName, { examples: [examples.owner.publicName] });
say(Price, {
  description: 'Korean won, a whole number; null where the shop states no single price.',
  examples: [8000],
});
say(PriceNote, { description: 'Note of the shop beside a price.', examples: ['(200g)', '소 30000, 중 35000'] });
say(Openness, { description: 'Whether the shop takes orders now.' });
say(Place, { id: 'Place', description: 'Position of the shop in degrees of WGS 84.', examples: [examples.shop.place] });
say(Region, {
  id: 'Region',
  description: 'Province and city or district, as far as they are known.',
  examples: [examples.shop.region],
});
say(MenuItem, { id: 'MenuItem', description: 'One item of a menu.', examples: [examples.item] });
say(Details, { id: 'Details', description: 'Details of a shop that its owner may change in one command.' });
say(Owner, {
  id: 'Owner',
  description: '`name` is for the publisher only; only `publicName` may leave it.',
  examples: [examples.owner],
});
say(OwnShop, { id: 'OwnShop', description: 'A shop as the publisher has it. A closed shop keeps its last state.' });
say(ShopDocument, { id: 'ShopDocument', description: 'A shop with its version.', examples: [examples.shopDocument] });
say(EventMeta, { id: 'EventMeta', description: 'Actor, command and request of an event.' });
say(HistoryEvent, {
  id: 'HistoryEvent',
  description: 'A fact about a shop, in full: it is never shown to a consumer.',
});

say(CommandAnswer, { id: 'CommandAnswer', description: 'Result of a command: no event, if it changed nothing.' });
say(commands.registerShop.body, { id: 'RegisterShop' });
say(commands.changeDetails.body, { id: 'ChangeDetails', description: 'At least one field.', minProperties: 1 });
say(commands.changeMenuItem.body, { id: 'ChangeMenuItem', description: 'At least one field.', minProperties: 1 });
say(commands.addMenuItem.body, { id: 'NewMenuItem', description: 'Without an id the publisher chooses one.' });

for (const agreement of agreements)
  say(agreement.resource, {
    id: agreedName(agreement),
    description: `The fields that ${agreement.name} gets, and no others.`,
  });
say(adAgreement.resource.shape.headline, {
  description: 'The first item of the menu, as the shop orders it; null while the menu is empty.',
});
say(adAgreement.resource.shape.owner, {
  description: 'Public name of the owner; null where none is stated.',
});
say(DigestRequest.shape.prefixes, { uniqueItems: true });
say(Want, { id: 'Want', description: 'A request for one shop. `have` is the version that the consumer has.' });
say(TypeName, { description: 'Type of change. Types of the future must parse.', examples: ['shop.opened'] });
say(Notification, {
  description: 'The whole message: id of the resource and type of change. There is no room for a third key.',
  examples: [examples.notification],
});

/** Names the component of an agreement's shop: `DisplayShop`, `DisplayV2Shop`. */
function agreedName(agreement: Agreement): string {
  const words = labelOf(agreement)
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Shop`;
}
