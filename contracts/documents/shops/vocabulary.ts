import { adAgreement } from '../../shops/agreements/ad.ts';
import { agreements } from '../../shops/agreements/all.ts';
import { CommandAnswer, commands } from '../../shops/commands.ts';
import { EventMeta, HistoryEvent, Owner, OwnShop, ShopDocument } from '../../shops/history.ts';
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
} from '../../shops/shop.ts';
import { type Agreement, labelOf } from '../../wire/agreement.ts';
import { Notification, TypeName } from '../../wire/notification.ts';
import { ResourceId, Version } from '../../wire/resource.ts';
import { Want } from '../../wire/source-api.ts';
import type { VocabularyEntry } from '../vocabulary.ts';
import { examples } from './examples.ts';

/** Descriptions of the shops' schemas, and of those of every domain in the shops' words. */
export const shopWords: readonly VocabularyEntry[] = [
  [
    ResourceId,
    {
      id: 'ResourceId',
      description: 'Identifies a resource. Ids are ordered by their bytes.',
      examples: [examples.shopId],
    },
  ],
  [ShopId, { id: 'ShopId', description: 'Identifies a shop.', examples: [examples.shopId] }],
  [OwnerId, { id: 'OwnerId', description: 'Identifies an owner.', examples: [examples.ownerId] }],
  [MenuItemId, { id: 'MenuItemId', description: 'Identifies an item within its shop.', examples: [examples.itemId] }],
  [
    Version,
    {
      id: 'Version',
      description: 'Number of events of a shop so far: 1 at registration, one more with every event, never restarting.',
      examples: [examples.version],
    },
  ],
  [
    ShopName,
    {
      description:
        'Surrounding spaces are removed; no control or format characters, and at least one visible character.',
      examples: [examples.shop.name],
    },
  ],
  [Category, { description: 'Kind of shop.', examples: ['한식', '한식_일반'] }],
  [Address, { description: 'As the shop states it.', examples: [examples.shop.address] }],
  [Hours, { description: 'Opening hours as the shop writes them; not interpreted.', examples: ['11:00~21:00'] }],
  [MenuItemName, { examples: [examples.item.name] }],
  [OwnerName, { examples: [examples.owner.publicName] }],
  [
    Price,
    {
      description: 'Korean won, a whole number; null where the shop states no single price.',
      examples: [8000],
    },
  ],
  [PriceNote, { description: 'Note of the shop beside a price.', examples: ['(200g)', '소 30000, 중 35000'] }],
  [Openness, { description: 'Whether the shop takes orders now.' }],
  [Place, { id: 'Place', description: 'Position of the shop in degrees of WGS 84.', examples: [examples.shop.place] }],
  [
    Region,
    {
      id: 'Region',
      description: 'Province and city or district, as far as they are known.',
      examples: [examples.shop.region],
    },
  ],
  [MenuItem, { id: 'MenuItem', description: 'One item of a menu.', examples: [examples.item] }],
  [Details, { id: 'Details', description: 'Details of a shop that its owner may change in one command.' }],
  [
    Owner,
    {
      id: 'Owner',
      description: '`name` is for the publisher only; only `publicName` may leave it.',
      examples: [examples.owner],
    },
  ],
  [OwnShop, { id: 'OwnShop', description: 'A shop as the publisher has it. A closed shop keeps its last state.' }],
  [ShopDocument, { id: 'ShopDocument', description: 'A shop with its version.', examples: [examples.shopDocument] }],
  [EventMeta, { id: 'EventMeta', description: 'Actor, command and request of an event.' }],
  [
    HistoryEvent,
    {
      id: 'HistoryEvent',
      description: 'A fact about a shop, in full: it is never shown to a consumer.',
    },
  ],
  [CommandAnswer, { id: 'CommandAnswer', description: 'Result of a command: no event, if it changed nothing.' }],
  [commands.registerShop.body, { id: 'RegisterShop' }],
  [commands.changeDetails.body, { id: 'ChangeDetails', description: 'At least one field.', minProperties: 1 }],
  [commands.changeMenuItem.body, { id: 'ChangeMenuItem', description: 'At least one field.', minProperties: 1 }],
  [commands.addMenuItem.body, { id: 'NewMenuItem', description: 'Without an id the publisher chooses one.' }],
  ...agreements.map(
    (agreement: Agreement): VocabularyEntry => [
      agreement.resource,
      {
        id: agreedName(agreement),
        description: `The fields that ${agreement.name} gets, and no others.`,
      },
    ],
  ),
  [
    adAgreement.resource.shape.headline,
    {
      description: 'The first item of the menu, as the shop orders it; null while the menu is empty.',
    },
  ],
  [
    adAgreement.resource.shape.owner,
    {
      description: 'Public name of the owner; null where none is stated.',
    },
  ],
  [Want, { id: 'Want', description: 'A request for one shop. `have` is the version that the consumer has.' }],
  [TypeName, { description: 'Type of change. Types of the future must parse.', examples: ['shop.opened'] }],
  [
    Notification,
    {
      description: 'The whole message: id of the resource and type of change. There is no room for a third key.',
      examples: [examples.notification],
    },
  ],
];

/** Names the component of an agreement's shop: `DisplayShop`, `DisplayV2Shop`. */
function agreedName(agreement: Agreement): string {
  const words = labelOf(agreement)
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Shop`;
}
