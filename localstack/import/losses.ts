import type { PlannedCommand, PresentShop, ShopPlan } from './planned.ts';

/** How many shops would lose what is known of a field, of those that stay and know it. */
export type Loss = { field: string; shops: number; known: number };

/** What can become unknown, by the name a person knows it by. */
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
    // A note goes with the item or the price it stood beside; that is no loss.
    return same === undefined ? first : same.priceNote;
  },
};

/**
 * Counts what a plan would empty: a file that was saved badly empties a column. Among `staying`, the shops that the
 * file names; a shop that closes loses nothing. Pure.
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

/** What a command makes of a shop, as far as it is compared: details, hours, a menu. */
function afterCommand(shop: PresentShop, { method, path, body }: PlannedCommand): PresentShop {
  const [, , , part, itemId] = path.split('/');
  if (part !== 'menu') return { ...shop, ...(body as Partial<PresentShop>) };
  if (method === 'DELETE') return { ...shop, menu: shop.menu.filter(({ id }) => id !== itemId) };
  if (method === 'POST') return { ...shop, menu: [...shop.menu, body as PresentShop['menu'][number]] };
  const menu = shop.menu.map((item) => (item.id === itemId ? { ...item, ...(body as object) } : item));
  return { ...shop, menu };
}
