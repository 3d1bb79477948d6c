import * as z from 'zod/mini';
import { defineShopAgreement } from '../define-agreement.ts';
import { allBut } from '../event-types.ts';
import { Address, Category, Hours, MENU_LIMIT, MenuItem, Openness, Place, Region, ShopName } from '../shop.ts';

/** Agreement of the storefront: everything a diner may see, with the whole menu, but without the owner. */
export const displayAgreement = defineShopAgreement({
  name: 'display',
  version: 1,
  wakesOn: allBut('shop.owner-changed'),
  path: '/display/shops',
  resource: z.object({
    name: ShopName,
    category: Category,
    region: Region,
    address: Address,
    place: z.nullable(Place),
    openness: Openness,
    hours: Hours,
    delivery: z.nullable(z.boolean()),
    parking: z.nullable(z.boolean()),
    menu: z.array(MenuItem).check(z.maxLength(MENU_LIMIT)),
  }),
});
