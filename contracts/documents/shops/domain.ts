import { type ShopServiceProblemCode, shopServiceProblems } from '../../shops/problems.ts';
import type { Domain } from '../domain.ts';
import { examples } from './examples.ts';
import { shopParameters } from './parameters.ts';
import { shopWords } from './vocabulary.ts';

const stories: Domain<ShopServiceProblemCode>['stories'] = {
  'resource-not-found': [`No shop ${examples.shopId}. GET /shops lists those there are.`],
  'owner-not-found': [`Register the owner first: PUT /owners/${examples.ownerId}.`],
  'version-not-found': [`GET /shops/${examples.shopId}/events shows all versions; 99 is not among them.`],
  'menu-item-not-found': [`GET /shops/${examples.shopId} shows the menu and the ids of its items.`],
  'shop-exists': ['Change it with PATCH /shops/{id} and its neighbours, or close it first.'],
  'shop-closed': ['The shop has closed. POST /shops with its id registers it anew.'],
  'menu-item-exists': [`The menu has an item ${examples.itemId}; change it, or leave the id out.`],
  'menu-full': ['A menu has at most 200 items; remove one first.'],
  'resource-gone': ['The shop has closed. Keep the version: it tells late rings apart.', { version: 20 }],
};

/** Shops as the documents show them. */
export const shopDomain: Domain<ShopServiceProblemCode> = {
  words: shopWords,
  problems: shopServiceProblems,
  stories,
  parameters: shopParameters,
  examples: {
    notification: examples.notification,
    closedId: examples.closedId,
    resources: { display: examples.displayShop, ad: examples.adShop },
  },
};
