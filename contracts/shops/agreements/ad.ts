import * as z from 'zod/mini';
import { defineShopAgreement } from '../define-agreement.ts';
import { allBut } from '../event-types.ts';
import { Category, MenuItemName, Openness, OwnerName, Place, Price, PriceNote, Region, ShopName } from '../shop.ts';

/** Agreement of the ad server: enough for one line of advertising. Changes of hours do not wake it. */
export const adAgreement = defineShopAgreement({
  name: 'ad',
  version: 1,
  wakesOn: allBut('shop.hours-changed'),
  path: '/ad/shops',
  resource: z.object({
    name: ShopName,
    category: Category,
    region: Region,
    place: z.nullable(Place),
    openness: Openness,
    /** The first item of the menu, as the shop orders it; `null` while the menu is empty. */
    headline: z.nullable(z.object({ name: MenuItemName, price: Price, priceNote: PriceNote })),
    /** Public name of the owner; `null` where none is stated. */
    owner: z.nullable(z.object({ publicName: OwnerName })),
  }),
});
