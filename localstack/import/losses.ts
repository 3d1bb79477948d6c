import type { PlannedCommand, PresentShop, ShopPlan } from './planned.ts';

/** A field that shops would lose: `shops` lose it, of `known` shops that have it and stay. */
export type Loss = { field: string; shops: number; known: number };

/** Fields that can become unknown, by their names for people. */
const FIELDS: Record<string, (shop: PresentShop, before: PresentShop) => unknown> = {
  province: ({ region }) => region.province,
  city: ({ region }) => region.city,
  place: ({ place }) => place,
  delivery: ({ delivery }) => delivery,
  parking: ({ parking }) => parking,
  hours: ({ hours }) => hours,
  item: ({ menu }) => menu[0] ?? null,
  price: ({ menu }) => menu.find(({ price }) => price !== null) ?? null,
  'price note': ({ menu }, { menu: [first] }) => {
    const same = menu.find(({ id, price }) => id === first?.id && price === first.price);
    // A note that goes with its item or price is no loss.
    return same === undefined ? first : same.priceNote;
  },
};

/**
 * Counts the values that a plan would delete: a file that was saved badly may have an empty column. Only `staying`
 * shops count, which the file names; a shop that closes loses nothing. Pure.
 */
export function lossesOf(staying: readonly PresentShop[], plans: readonly ShopPlan[]): Loss[] {
  const planned = new Map(plans.map(({ id, commands }) => [id, commands]));
  const after = staying.map((shop) => (planned.get(shop.id) ?? []).reduce(afterCommand, shop));
  const losses = Object.entries(FIELDS).map(([field, read]) => {
    const knowing = staying.map((shop, n) => ({ was: read(shop, shop), is: read(after[n] ?? shop, shop) }));
    const known = knowing.filter(({ was }) => was !== null && was !== undefined);
    return { field, shops: known.filter(({ is }) => is === null).length, known: known.length };
  });
  return losses.filter(({ shops }) => shops > 0);
}

/** Applies a command to a shop, for the fields that are compared: details, hours, menu. */
function afterCommand(shop: PresentShop, { method, path, body }: PlannedCommand): PresentShop {
  const [, , , part, itemId] = path.split('/');
  if (part !== 'menu') return { ...shop, ...(body as Partial<PresentShop>) };
  if (method === 'DELETE') return { ...shop, menu: shop.menu.filter(({ id }) => id !== itemId) };
  if (method === 'POST') return { ...shop, menu: [...shop.menu, body as PresentShop['menu'][number]] };
  const menu = shop.menu.map((item) => (item.id === itemId ? { ...item, ...(body as object) } : item));
  return { ...shop, menu };
}
