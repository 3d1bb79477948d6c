import type { Hono } from 'hono';
import * as z from 'zod/mini';
import { check } from '../../contracts/check.ts';
import { type Openness, ShopId } from '../../contracts/shop.ts';
import { findView, queryApp } from '../query-app.ts';
import type { ViewStore } from '../runtime/view-store.ts';
import type { StorefrontCard } from './consumer.ts';
import type { ListedShop, ListShops } from './list-shops.ts';

const text = z.optional(z.string().check(z.trim(), z.normalize('NFC'), z.maxLength(100)));

const ListQuery = z.strictObject({
  province: text,
  city: text,
  category: text,
  open: z.optional(z.enum(['true', 'false'])),
  q: text,
  after: z.optional(ShopId),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 20),
});

/** What diners read: `GET /shops` and `GET /shops/{id}`. It never calls the publisher. */
export function displayQueryApi(store: Pick<ViewStore<StorefrontCard>, 'read'>, listShops: ListShops): Hono {
  const app = queryApp();

  app.get('/shops', async (c) => {
    const { province, city, category, open, q, after = '', limit } = check(ListQuery, c.req.query());
    const filter = {
      province: province || null,
      city: city || null,
      category: category || null,
      openness: open === undefined ? null : opennessOf(open),
      text: q || null,
    };
    const shops = await listShops(filter, after, limit);
    return c.json({ shops: shops.map(listed), next: shops.length < limit ? null : (shops.at(-1)?.id ?? null) });
  });

  app.get('/shops/:id', async (c) => {
    const { id, version, view } = await findView(store, c.req.param('id'));
    c.header('etag', `"${version}"`);
    const { words: _, ...card } = view;
    return c.json({ id, version, ...card });
  });

  return app;
}

function opennessOf(open: 'true' | 'false'): z.output<typeof Openness> {
  return open === 'true' ? 'open' : 'paused';
}

function listed({ id, version, view: { menu: _menu, words: _words, ...card } }: ListedShop) {
  return { id, version, ...card };
}
