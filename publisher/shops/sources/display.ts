import type { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import type { Agreed } from '../../../contracts/wire/agreement.ts';
import type { Shop } from '../domain/shop.ts';

/** Selects the fields of a shop that is not closed for the storefront. */
export function forDisplay(shop: Shop): Agreed<typeof displayAgreement> {
  const { name, category, region, address, place, hours, delivery, parking, menu } = shop;
  return { name, category, region, address, place, openness: openness(shop), hours, delivery, parking, menu };
}

/** Returns the openness of a shop. Throws TypeError for a closed shop, which has no view. */
export function openness({ id, openness }: Shop): 'open' | 'paused' {
  if (openness === 'closed') throw new TypeError(`shop ${id} has closed`);
  return openness;
}
