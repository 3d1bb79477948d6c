import type { adAgreement } from '../../../contracts/shops/agreements/ad.ts';
import type { Agreed } from '../../../contracts/wire/agreement.ts';
import type { Shop } from '../domain/shop.ts';
import { openness } from './display.ts';

/** A living shop as the ad server may see it: one item for the headline, and no more of the owner than its public name. */
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
