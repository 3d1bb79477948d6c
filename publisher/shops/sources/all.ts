import { adAgreement } from '../../../contracts/shops/agreements/ad.ts';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import type { Shop } from '../domain/shop.ts';
import { forAd } from './ad.ts';
import { forDisplay } from './display.ts';

/** The publisher's part of an agreement: the fields of a shop that it shows. */
export type SourceDefinition<Agreed = unknown> = {
  readonly agreement: Agreement<Agreed>;
  select(shop: Shop): Agreed;
};

/** All source APIs of the publisher. */
export const sources: readonly SourceDefinition[] = [
  defineSource(displayAgreement, forDisplay),
  defineSource(adAgreement, forAd),
];

/** Defines the publisher's part of an agreement. */
export function defineSource<Agreed>(
  agreement: Agreement<Agreed>,
  select: (shop: Shop) => Agreed,
): SourceDefinition<Agreed> {
  return { agreement, select };
}
