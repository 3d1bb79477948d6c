import type { Hono } from 'hono';
import * as z from 'zod/mini';
import { shopServiceProblems } from '../../contracts/shops/problems.ts';
import { ShopId } from '../../contracts/shops/shop.ts';
import { check } from '../../contracts/wire/check.ts';
import { Version } from '../../contracts/wire/resource.ts';
import { findView, queryApp, taggedJson } from '../query/app.ts';
import type { Condition, Filter, LivingRow, ViewStore } from '../runtime/views/view-store.ts';
import { StorefrontCard } from './consumer.ts';

/** Makes conditions for a category: 한식 also finds 한식_일반 and its other kinds. */
const kindsOf = (category: string): Condition[] => [category, { startsWith: `${category}_` }];

const shownBeside = { id: ShopId, version: Version };

/** Answer of `GET /shops/{id}`: the card, without the text for searches. */
export const ShownCard = z.extend(z.omit(StorefrontCard, { words: true }), shownBeside);

/** Answer of `GET /shops`: cards without their menus; `next` is the `after` of the next page, `null` at the end. */
export const CardPage = z.object({
  shops: z.array(z.omit(ShownCard, { menu: true })),
  next: z.nullable(ShopId),
});
type CardPage = z.output<typeof CardPage>;

const text = z.optional(z.string().check(z.trim(), z.normalize('NFC'), z.maxLength(100)));

/** Query of `GET /shops`. */
export const ListQuery = z.strictObject({
  province: text,
  city: text,
  category: text,
  open: z.optional(z.enum(['true', 'false'])),
  q: text,
  after: z.optional(ShopId),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 20),
});

/** Makes the API for diners: `GET /shops` and `GET /shops/{id}`. It never calls the publisher. */
export function displayQueryApi(store: Pick<ViewStore<StorefrontCard>, 'read' | 'query'>): Hono {
  const app = queryApp(shopServiceProblems);

  app.get('/shops', async (c) => {
    const { after = '', limit, ...search } = check(ListQuery, c.req.query());
    return taggedJson(c, await listShops(store, filterOf(search), after, limit));
  });

  app.get('/shops/:id', async (c) => {
    const { id, version, view } = await findView(store, c.req.param('id'));
    const { words: _, ...card } = view;
    const shown = { id, version, ...card } satisfies z.output<typeof ShownCard>;
    return taggedJson(c, shown);
  });

  return app;
}

/** 25 whole views in memory at once, of 250 KB at most each; a list of a hundred cards has some 200 KB. */
const PIECE = 25;

async function listShops(
  store: Pick<ViewStore<StorefrontCard>, 'query'>,
  filter: Filter,
  after: string,
  limit: number,
): Promise<CardPage> {
  const shops: CardPage['shops'] = [];
  while (shops.length < limit) {
    const asked = Math.min(PIECE, limit - shops.length);
    const rows = await store.query(filter, shops.at(-1)?.id ?? after, asked);
    shops.push(...rows.map(listed));
    if (rows.length < asked) return { shops, next: null };
  }
  return { shops, next: shops.at(-1)?.id ?? null };
}

type Search = Omit<z.output<typeof ListQuery>, 'after' | 'limit'>;

/** Makes a filter of the query. An empty parameter counts as missing: a form sends all of its fields. */
function filterOf({ province, city, category, open, q }: Search): Filter {
  return {
    ...(province && { province }),
    ...(city && { city }),
    ...(category && { category: kindsOf(category) }),
    ...(open && { openness: open === 'true' ? 'open' : 'paused' }),
    ...(q && { words: { contains: q.toLowerCase() } }),
  };
}

function listed({ id, version, view: { menu: _menu, words: _words, ...card } }: LivingRow<StorefrontCard>) {
  return { id, version, ...card };
}
