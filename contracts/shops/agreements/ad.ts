import * as z from 'zod/mini';
import { defineAgreement } from '../../wire/agreement.ts';
import { allBut } from '../event-types.ts';
import { Category, MenuItemName, Openness, OwnerName, Place, Price, PriceNote, Region, ShopName } from '../shop.ts';

/** What the ad server gets: enough for one line of advertising. It sleeps through changes of hours. */
export const adAgreement = defineAgreement({
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
    /** The first item of the menu, which the shop puts there; `null` while the menu is empty. */
    headline: z.nullable(z.object({ name: MenuItemName, price: Price, priceNote: PriceNote })),
    /** The name the owner is known by in public; `null` where none is stated. */
    owner: z.nullable(z.object({ publicName: OwnerName })),
  }),
});
