import type { adAgreement } from '../../../contracts/shops/agreements/ad.ts';
import type { Agreed } from '../../../contracts/wire/agreement.ts';
import type { Shop } from '../domain/shop.ts';
import { openness } from './display.ts';

/**
 * Selects the fields of an open shop for the ad server: one item for the headline, and only the public name of the
 * owner.
 */
export function forAd(shop: Shop): Agreed<typeof adAgreement> {
  const { name, category, region, place, menu, owner } = shop;
  const [first] = menu;
  return {
    name,
    category,
    region,
    place,
    openness: openness(shop),
    headline: first === undefined ? null : { name: first.name, price: first.price, priceNote: first.priceNote },
    owner: owner && { publicName: owner.publicName },
  };
}
