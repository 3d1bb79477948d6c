import * as z from 'zod/mini';
import { visibleText } from './text.ts';

/**
 * Identifies a shop: 1 to 64 of `A-Z a-z 0-9 _ -`. The shop service keeps this narrower form of a resource's id, as its
 * tables do (publisher/shops/store/sql/0001-shops.sql).
 */
export const ShopId = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 _ -'));
/** Identifies an owner, in the same form as a shop's id. */
export const OwnerId = z.clone(ShopId);
/** Identifies an item within its shop's menu, in the same form as a shop's id. */
export const MenuItemId = z.clone(ShopId);

/** JSON has -0, and PostgreSQL does not: without this -0 would count as a change every time. */
const withoutNegativeZero = z.overwrite((value: number) => value + 0);

/** Price in Korean won, a whole number; `null` where the shop states no single price (see `docs/data.md`). */
export const Price = z.nullable(z.int().check(z.minimum(0), z.maximum(1_000_000_000), withoutNegativeZero));

/** Position of the shop in degrees of WGS 84. */
export const Place = z.strictObject({
  latitude: z.number().check(z.minimum(-90), z.maximum(90), withoutNegativeZero),
  longitude: z.number().check(z.minimum(-180), z.maximum(180), withoutNegativeZero),
});

/** Province (서울, 경기 …) and city or district, as far as they are known. */
export const Region = z.strictObject({ province: z.nullable(visibleText(40)), city: z.nullable(visibleText(40)) });

/** Name of a shop: 1 to 100 characters. */
export const ShopName = visibleText(100);
/** Kind of shop, `한식` or `한식_일반`: 1 to 40 characters. */
export const Category = visibleText(40);
/** Address as the shop states it: 1 to 200 characters. */
export const Address = visibleText(200);
/** Opening hours as the shop writes them, `11:00~21:00` or `24시간`; not interpreted. */
export const Hours = z.nullable(visibleText(100));
/** Name of a menu item: 1 to 100 characters. */
export const MenuItemName = visibleText(100);
/** Note of the shop beside a price: `(200g)`, `소 30000, 중 35000`. */
export const PriceNote = z.nullable(visibleText(100));
/** State of a shop that takes orders now or pauses. A closed shop has no view. */
export const Openness = z.enum(['open', 'paused']);

/** One item of a menu. */
export const MenuItem = z.strictObject({ id: MenuItemId, name: MenuItemName, price: Price, priceNote: PriceNote });
export type MenuItem = z.output<typeof MenuItem>;

/** Name of an owner: 1 to 100 characters. */
export const OwnerName = visibleText(100);

/** 200 items in the largest menu: one shop's answer stays far below the 1 MiB that a consumer accepts. */
export const MENU_LIMIT = 200;

/** Details of a shop that its owner may change in one command. */
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
