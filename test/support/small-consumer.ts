import * as z from 'zod/mini';
import { defineConsumer } from '../../consumers/runtime/define-consumer.ts';
import { defineAgreement } from '../../contracts/wire/agreement.ts';

/** The smallest agreement there can be, and a consumer that keeps the name in capitals. */
export const smallAgreement = defineAgreement({
  name: 'small',
  version: 1,
  wakesOn: ['shop.registered', 'shop.details-changed', 'shop.closed'],
  path: '/small/shops',
  resource: z.object({ name: z.string() }),
});

export const smallConsumer = defineConsumer({
  agreement: smallAgreement,
  view: z.object({ title: z.string().check(z.maxLength(20)) }),
  project({ name }) {
    if (name === 'explode') throw new Error('cannot project this');
    return { title: name.toUpperCase() };
  },
});

export type SmallView = { title: string };
