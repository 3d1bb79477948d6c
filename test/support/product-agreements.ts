import * as z from 'zod';
import { defineConsumer } from '../../consumers/runtime/define-consumer.ts';
import { defineAgreement } from '../../contracts/wire/agreement.ts';

/** The fields that the search gets, as a team with products of its own would agree on them. */
export const searchAgreement = defineAgreement({
  name: 'search',
  version: 1,
  wakesOn: ['product.added', 'product.renamed'],
  path: '/search/products',
  resource: z.object({ title: z.string() }),
});

/** The next version of the same agreement: the same consumer, at a path of its own. */
export const searchNext = defineAgreement({
  ...searchAgreement,
  version: 2,
  wakesOn: ['product.renamed', 'product.priced'],
  path: '/search/v2/products',
});

/** Another consumer, whose agreement is exported by the consumer alone. */
export const stock = defineConsumer({
  agreement: defineAgreement({ ...searchAgreement, name: 'stock', path: '/stock/products' }),
  view: z.object({ title: z.string() }),
  project: ({ title }) => ({ title }),
});

/** A list of what is exported by itself, too. */
export const all = [searchAgreement, stock];

/** No agreement, for it has no resource. */
export const name = { name: 'nothing', version: 1, wakesOn: [], path: '/nothing' };
