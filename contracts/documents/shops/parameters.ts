import * as z from 'zod/mini';
import { IdempotencyKey } from '../../shops/commands.ts';
import { MenuItemId, OwnerId, ShopId } from '../../shops/shop.ts';
import { ResourceId } from '../../wire/resource.ts';
import type { Parameter } from '../operation.ts';
import { inPath } from '../parameters.ts';
import { examples } from './examples.ts';

/** Parameters of the shops' paths, by name. */
export const shopParameters = {
  shopId: inPath('shopId', 'The shop.', ShopId, examples.shopId),
  id: inPath('id', 'The shop.', ResourceId, examples.shopId),
  itemId: inPath('itemId', 'The item of the menu.', MenuItemId, examples.itemId),
  ownerId: inPath('ownerId', 'The owner.', OwnerId, examples.ownerId),
} as const satisfies Record<string, Parameter>;

/** Headers of every command. */
export const commandHeaders: readonly Parameter[] = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Makes sure that the command happens at most once: a repeated request with the same key gets the first answer again. ' +
      'Use a new key for each command.',
    schema: IdempotencyKey,
    example: 'price-2026-11-24-1',
  },
  {
    name: 'If-Match',
    in: 'header',
    description: 'Run only if this is the current version (its ETag), or with `*` only if there is any.',
    schema: z.string().check(z.regex(/^("\d{1,15}"|\*)$/)),
    example: '"19"',
  },
];
