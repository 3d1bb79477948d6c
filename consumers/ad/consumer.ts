import * as z from 'zod/mini';
import { adAgreement } from '../../contracts/shops/agreements/ad.ts';
import { defineConsumer } from '../runtime/define-consumer.ts';
import { cellOf } from './cells.ts';

/** One line of advertising for a shop. */
export const Advertisement = z.object({
  ...adAgreement.resource.shape,
  /** Public name of the owner; null where none is stated. */
  owner: z.nullable(z.string()),
  /** Square of the shop, a tenth of a degree wide; null where its place is unknown. */
  cell: z.nullable(z.string()),
});
export type Advertisement = z.output<typeof Advertisement>;

/** Keeps one advertisement per shop. */
export const ad = defineConsumer({
  agreement: adAgreement,
  view: Advertisement,
  project: ({ owner, ...shop }): Advertisement => ({
    ...shop,
    owner: owner?.publicName ?? null,
    cell: shop.place && cellOf(shop.place),
  }),
});
