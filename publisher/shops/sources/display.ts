import type { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import type { Agreed } from '../../../contracts/wire/agreement.ts';
import type { Shop } from '../domain/shop.ts';

/** A living shop as the storefront may see it. */
export function forDisplay(shop: Shop): Agreed<typeof displayAgreement> {
  const { name, category, region, address, place, hours, delivery, parking, menu } = shop;
  return { name, category, region, address, place, openness: openness(shop), hours, delivery, parking, menu };
}

/** A closed shop has no view: whoever asks for its openness has lost its way. */
export function openness({ id, openness }: Shop): 'open' | 'paused' {
  if (openness === 'closed') throw new TypeError(`shop ${id} has closed`);
  return openness;
}
