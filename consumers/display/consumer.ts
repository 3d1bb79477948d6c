import * as z from 'zod/mini';
import { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import { defineConsumer } from '../runtime/define-consumer.ts';

/** One shop as diners see it. */
export const StorefrontCard = z.object({
  ...displayAgreement.resource.shape,
  /** The lowest price on the menu, in won; null if none is stated. */
  from: z.nullable(z.int()),
  /** Text that a search looks through: the names of the shop and of its items, in lower case. */
  words: z.string(),
});
export type StorefrontCard = z.output<typeof StorefrontCard>;

/** Keeps one storefront card per shop. */
export const display = defineConsumer({
  agreement: displayAgreement,
  view: StorefrontCard,
  project: (shop): StorefrontCard => ({ ...shop, from: cheapest(shop.menu), words: words(shop) }),
});

function cheapest(menu: StorefrontCard['menu']): number | null {
  const prices = menu.flatMap(({ price }) => price ?? []);
  return prices.length === 0 ? null : Math.min(...prices);
}

function words({ name, menu }: Pick<StorefrontCard, 'name' | 'menu'>): string {
  return [name, ...menu.map((item) => item.name)].join('\n').toLowerCase();
}
