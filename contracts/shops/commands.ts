import * as z from 'zod/mini';
import { bodyLimitOf } from '../wire/body-size.ts';
import { Version } from '../wire/resource.ts';
import { eventTypes } from './event-types.ts';
import {
  Details,
  Hours,
  MENU_LIMIT,
  MenuItemId,
  MenuItemName,
  Openness,
  OwnerId,
  OwnerName,
  Price,
  PriceNote,
  ShopId,
} from './shop.ts';

/** One command of the API: its method, path and body. API documents are derived from it. */
export type CommandContract<Body extends z.core.$ZodType = z.core.$ZodType> = {
  readonly method: 'post' | 'put' | 'patch' | 'delete';
  /** Hono path; `:shopId`, `:itemId` and `:ownerId` are ids. */
  readonly path: string;
  /** `null` where the command has no body. */
  readonly body: Body | null;
  /** One sentence for the API documents. */
  readonly summary: string;
};

const atLeastOneKey = z.refine<object>((body) => Object.keys(body).length > 0, {
  error: 'at least one field is needed',
});

const MenuEntry = z.strictObject({
  id: z.optional(MenuItemId),
  name: MenuItemName,
  price: z._default(Price, null),
  priceNote: z._default(PriceNote, null),
});

const RegisterShop = z.strictObject({
  id: z.optional(ShopId),
  ...Details.shape,
  region: z._default(Details.shape.region, { province: null, city: null }),
  place: z._default(Details.shape.place, null),
  delivery: z._default(Details.shape.delivery, null),
  parking: z._default(Details.shape.parking, null),
  hours: z._default(Hours, null),
  openness: z._default(Openness, 'open'),
  menu: z._default(z.array(MenuEntry).check(z.maxLength(MENU_LIMIT)), []),
  ownerId: z.optional(OwnerId),
});

/** The command API. Every command takes `Idempotency-Key` and `If-Match`. */
export const commands = {
  registerShop: {
    method: 'post',
    path: '/shops',
    body: RegisterShop,
    summary: 'Register a shop, or register a closed one again.',
  },
  changeDetails: {
    method: 'patch',
    path: '/shops/:shopId',
    body: z.partial(Details).check(atLeastOneKey),
    summary: 'Change name, category, region, address, place, delivery or parking.',
  },
  changeHours: {
    method: 'put',
    path: '/shops/:shopId/hours',
    body: z.strictObject({ hours: Hours }),
    summary: 'Change the opening hours.',
  },
  openShop: { method: 'post', path: '/shops/:shopId/open', body: null, summary: 'Take orders again.' },
  pauseShop: { method: 'post', path: '/shops/:shopId/pause', body: null, summary: 'Take no orders for now.' },
  closeShop: { method: 'post', path: '/shops/:shopId/close', body: null, summary: 'Close for good.' },
  addMenuItem: {
    method: 'post',
    path: '/shops/:shopId/menu',
    body: MenuEntry,
    summary: 'Add an item at the end of the menu.',
  },
  changeMenuItem: {
    method: 'patch',
    path: '/shops/:shopId/menu/:itemId',
    body: z
      .strictObject({ name: z.optional(MenuItemName), price: z.optional(Price), priceNote: z.optional(PriceNote) })
      .check(atLeastOneKey),
    summary: 'Change the name or the price of an item.',
  },
  removeMenuItem: {
    method: 'delete',
    path: '/shops/:shopId/menu/:itemId',
    body: null,
    summary: 'Remove an item from the menu.',
  },
  assignOwner: {
    method: 'put',
    path: '/shops/:shopId/owner',
    body: z.strictObject({ ownerId: z.nullable(OwnerId) }),
    summary: 'Give the shop to another owner, or to none.',
  },
  rollBack: {
    method: 'post',
    path: '/shops/:shopId/rollback',
    body: z.strictObject({ toVersion: Version }),
    summary: 'Restore the shop as it was at a version, by events that undo the later changes.',
  },
  changeOwner: {
    method: 'put',
    path: '/owners/:ownerId',
    body: z.strictObject({ name: OwnerName, publicName: OwnerName }),
    summary: 'Register an owner, or change its names; rings every shop of that owner.',
  },
} as const satisfies Record<string, CommandContract>;

/** The name of a command. */
export type CommandName = keyof typeof commands;

/** The validated body of a command; `undefined` where it has none. */
export type CommandBody<Name extends CommandName> = (typeof commands)[Name]['body'] extends z.core.$ZodType
  ? z.output<(typeof commands)[Name]['body']>
  : undefined;

/**
 * Limit of a command's body: 1152 KiB. A shop with a full menu has 1,117,048 bytes if every character is decomposed and
 * escaped (docs/decisions/0034-bounded-by-bytes.md).
 */
export function commandBodyLimit(): number {
  return bodyLimitOf(Object.values(commands).flatMap(({ body }) => (body === null ? [] : [body])));
}

/** `Idempotency-Key`: 1 to 255 printable ASCII characters (draft-ietf-httpapi-idempotency-key-header). */
export const IdempotencyKey = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 printable ASCII characters, no spaces'));

/** Answer of a command: the shop's version after it, and the events it appended; none if it changed nothing. */
export const CommandAnswer = z.strictObject({
  id: ShopId,
  version: Version,
  events: z.array(z.strictObject({ type: z.enum(eventTypes), version: Version, eventId: z.uuid() })),
});
export type CommandAnswer = z.output<typeof CommandAnswer>;

/** Answer of changing an owner: the owner's own version, and the number of shops that it rang. */
export const OwnerAnswer = z.strictObject({ id: OwnerId, version: Version, shops: z.int().check(z.minimum(0)) });
export type OwnerAnswer = z.output<typeof OwnerAnswer>;
