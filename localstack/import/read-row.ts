import * as z from 'zod/mini';
import {
  Address,
  Category,
  type Details,
  Hours,
  MenuItemName,
  type Place,
  PriceNote,
  Region,
  ShopId,
  ShopName,
} from '../../contracts/shops/shop.ts';
import { firstIssue } from '../../contracts/wire/issues.ts';
import type { CsvRow } from './read-csv.ts';
import { regionOfAddress, shortProvince } from './region.ts';

/** An item of a row. `priceNote` is missing if the file has no such column and the price is a plain number. */
type Item = { name: string; price: number | null; priceNote?: string | null };

/** A shop as a row describes it. Fields that the file does not have are missing, and stay as they are. */
export type WantedShop = {
  id: string;
  line: number;
  details: { name: string; category: string; address: string } & Partial<z.output<typeof Details>>;
  hours?: string | null;
  item: Item | null;
};

/** A remark about a row, for people. */
export type Remark = { line: number; id: string; text: string };

/** The shop of a row, or the reason why the row is left out. */
export type ReadRow = { shop: WantedShop; remarks: Remark[] } | { leftOut: Remark };

const RowSchema = z.object({ id: ShopId, name: ShopName, category: Category, address: Address });

/**
 * Reads one row. Unclear values are never guessed: they are kept as text or left out, with a remark. A row that can't
 * be a shop is left out with its reason (docs/data.md describes each case).
 */
export function readRow({ line, values }: CsvRow): ReadRow {
  const id = values.id ?? '';
  const base = RowSchema.safeParse(values);
  if (!base.success) {
    return { leftOut: { line, id, text: firstIssue(base.error) } };
  }
  const remarks: Remark[] = [];
  const remark = (text: string) => remarks.push({ line, id, text });
  const { name, category, address } = base.data;
  const region = regionOf(values, address, remark);
  const hours = values.hours === undefined ? undefined : textOr(Hours, values.hours, 'hours', remark);
  const shop: WantedShop = {
    id,
    line,
    details: {
      name,
      category,
      address,
      ...(region !== null && { region }),
      ...('latitude' in values && { place: placeOf(values, remark) }),
      ...('delivery' in values && { delivery: flag(values.delivery, 'delivery', remark) }),
      ...('parking' in values && { parking: flag(values.parking, 'parking', remark) }),
    },
    ...(hours !== undefined && { hours }),
    item: itemOf(values, remark),
  };
  return { shop, remarks };
}

type Note = (text: string) => void;

function regionOf({ province, city = '' }: Record<string, string>, address: string, remark: Note) {
  if (province === undefined) return regionOfAddress(address);
  return {
    province: shortProvince(province) ?? textOr(Region.shape.province, province, 'province', remark),
    city: textOr(Region.shape.city, city, 'city', remark),
  };
}

/** Reads the place. Korea with its islands is at 33 to 39 degrees north and 124 to 132 degrees east. */
function placeOf(
  { latitude = '', longitude = '' }: Record<string, string>,
  remark: Note,
): z.output<typeof Place> | null {
  const [north, east] = [Number(latitude || Number.NaN), Number(longitude || Number.NaN)];
  if (north >= 33 && north <= 39 && east >= 124 && east <= 132) return { latitude: north, longitude: east };
  remark(`place ${latitude || '-'}, ${longitude || '-'} is not in Korea: left unknown`);
  return null;
}

function flag(value: string | undefined, name: string, remark: Note): boolean | null {
  if (value === 'Y' || value === 'N') return value === 'Y';
  if (value !== '') remark(`${name} "${value}" is neither Y nor N: left unknown`);
  return null;
}

function itemOf({ item = '', price = '', price_note: note }: Record<string, string>, remark: Note): Item | null {
  if (item.trim() === '') {
    if (price !== '') remark(`price "${price}" without an item: left out`);
    return null;
  }
  const name = MenuItemName.safeParse(item);
  if (!name.success) {
    remark(`item: ${firstIssue(name.error)}: left out`);
    return null;
  }
  return { name: name.data, ...priceOf(price.trim(), note?.trim(), remark) };
}

function priceOf(price: string, note: string | undefined, remark: Note): Pick<Item, 'price' | 'priceNote'> {
  const kept = (text: string) => ({ priceNote: textOr(PriceNote, text, 'price note', remark) });
  if (/^[1-9]\d{0,8}$/.test(price)) return { price: Number(price), ...(note !== undefined && kept(note)) };
  if (price === '') remark('no price stated');
  else remark(`price "${price}" is no single price in won: kept as a note`);
  const parts = [price, note ?? ''].filter((part, n, all) => part !== '' && all.indexOf(part) === n);
  return { price: null, ...kept(parts.join(' · ')) };
}

function textOr(schema: z.ZodMiniNullable<z.ZodMiniString>, value: string, name: string, remark: Note): string | null {
  if (value.trim() === '') return null;
  const text = schema.safeParse(value);
  if (text.success) return text.data;
  remark(`${name}: ${firstIssue(text.error)}: left out`);
  return null;
}
