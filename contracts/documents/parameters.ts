import * as z from 'zod/mini';
import { IdempotencyKey } from '../shops/commands.ts';
import { MenuItemId, OwnerId, ShopId } from '../shops/shop.ts';
import { ResourceId, Version } from '../wire/resource.ts';
import { MIN_VERSION } from '../wire/source-api.ts';
import { examples } from './examples.ts';
import type { Parameter } from './operation.ts';

const inPath = (name: string, description: string, schema: z.core.$ZodType, example: unknown): Parameter => {
  return { name, in: 'path', description, schema, example };
};

/** Parameters of a path, by name. */
const known: Record<string, Parameter> = {
  shopId: inPath('shopId', 'The shop.', ShopId, examples.shopId),
  id: inPath('id', 'The shop.', ResourceId, examples.shopId),
  itemId: inPath('itemId', 'The item of the menu.', MenuItemId, examples.itemId),
  ownerId: inPath('ownerId', 'The owner.', OwnerId, examples.ownerId),
  code: inPath('code', 'The code of a problem.', z.string(), 'resource-not-found'),
};

/** Lists the parameters of a Hono path. Throws TypeError for one without a description. */
export function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const parameter = known[name];
    if (parameter === undefined) throw new TypeError(`describe the parameter ":${name}" in documents/parameters.ts`);
    return parameter;
  });
}

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

/** Makes the header with the version that a client has; `tag` is the example. */
export const ifNoneMatch = (tag: string): Parameter => ({
  name: 'If-None-Match',
  in: 'header',
  description:
    'The ETag of the version that the client has: 304 if that is the newest. A list of tags, weak ones (`W/`) and `*` are taken as RFC 9110, ' +
    '13.1.2 says; what is none of these counts as not sent.',
  schema: z.string(),
  example: tag,
});

/** Makes the headers with the version that a consumer has, and the one that it needs. */
export const sourceHeaders = (tag: string): readonly Parameter[] => [
  ifNoneMatch(tag),
  {
    name: MIN_VERSION.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    in: 'header',
    description: 'Answer only if the shop has at least this version, else 503 with Retry-After.',
    schema: Version,
    example: examples.version,
  },
];
