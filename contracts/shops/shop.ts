import * as z from 'zod/mini';
import { ResourceId } from '../wire/resource.ts';
import { text } from './text.ts';

/** Identifies a shop: 1 to 64 of `A-Z a-z 0-9 _ -`, so that it can stand in a path, a filter and a log as it is. */
export const ShopId = ResourceId;
/** Identifies an owner; written like a shop's id. */
export const OwnerId = z.clone(ResourceId);
/** Identifies an item within its shop's menu; written like a shop's id. */
export const MenuItemId = z.clone(ResourceId);

/** JSON knows -0, and PostgreSQL doesn't: it would be a change every time. */
const withoutNegativeZero = z.overwrite((value: number) => value + 0);

/** Korean won, a whole number; `null` where the shop states no single price (see `docs/data.md`). */
export const Price = z.nullable(z.int().check(z.minimum(0), z.maximum(1_000_000_000), withoutNegativeZero));

/** Position of the shop: WGS 84, degrees. */
export const Place = z.strictObject({
  latitude: z.number().check(z.minimum(-90), z.maximum(90), withoutNegativeZero),
  longitude: z.number().check(z.minimum(-180), z.maximum(180), withoutNegativeZero),
});

/** Province (서울, 경기 …) and city or district, as far as they are known. */
export const Region = z.strictObject({ province: z.nullable(text(40)), city: z.nullable(text(40)) });

/** 1 to 100 characters. */
export const ShopName = text(100);
/** What kind of shop it is, `한식` or `한식_일반`: 1 to 40 characters. */
export const Category = text(40);
/** 1 to 200 characters, as the shop states it. */
export const Address = text(200);
/** Opening hours as the shop writes them, `11:00~21:00` or `24시간`; not interpreted. */
export const Hours = z.nullable(text(100));
/** 1 to 100 characters. */
export const MenuItemName = text(100);
/** What the shop says beside a price: `(200g)`, `소 30000, 중 35000`. */
export const PriceNote = z.nullable(text(100));
/** Tells whether the shop takes orders now. A closed shop is gone: it has no view. */
export const Openness = z.enum(['open', 'paused']);

/** One item of a menu. */
export const MenuItem = z.strictObject({ id: MenuItemId, name: MenuItemName, price: Price, priceNote: PriceNote });
export type MenuItem = z.output<typeof MenuItem>;

/** 1 to 100 characters. */
export const OwnerName = text(100);

/** 200: the largest menu; keeps one shop's answer far below the 1 MiB a consumer accepts. */
export const MENU_LIMIT = 200;

/** What a shop's owner can tell about it at once. */
export const Details = z.strictObject({
  name: ShopName,
  category: Category,
  region: Region,
  address: Address,
  place: z.nullable(Place),
  delivery: z.nullable(z.boolean()),
  parking: z.nullable(z.boolean()),
});
export type Details = z.output<typeof Details>;
