import { Hono } from 'hono';
import { check } from '../../contracts/check.ts';
import { ProblemError } from '../../contracts/problem.ts';
import { ShopId } from '../../contracts/shop.ts';
import type { Database } from '../store/database.ts';
import { loadShop, readHistory, type StoredShop } from '../store/event-store.ts';
import { readShopPage } from '../store/read-shops.ts';

/** 500: shops or events on one page. */
const PAGE_LIMIT = 500;

/** What an operator reads: shops as they are, and how they came to be so. */
export function shopRoutes(database: Database): Hono {
  const app = new Hono();

  app.get('/shops', async (c) => {
    const after = c.req.query('after') ?? '';
    const limit = wholeNumber(c.req.query('limit'), 'limit', { least: 1, most: PAGE_LIMIT, otherwise: 100 });
    const rows = await readShopPage(database, after === '' ? '' : check(ShopId, after, 'after'), limit);
    const shops = rows.map(({ version, state }) => shopDocument({ version, shop: state }));
    return c.json({ shops, next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) });
  });

  app.get('/shops/:id', async (c) => {
    const stored = await find(database, c.req.param('id'));
    c.header('etag', `"${stored.version}"`);
    return c.json(shopDocument(stored));
  });

  app.get('/shops/:id/events', async (c) => {
    const id = c.req.param('id');
    await find(database, id);
    const after = wholeNumber(c.req.query('after'), 'after', { least: 0, most: Number.MAX_SAFE_INTEGER, otherwise: 0 });
    const limit = wholeNumber(c.req.query('limit'), 'limit', { least: 1, most: PAGE_LIMIT, otherwise: 100 });
    const events = await readHistory(database, id, after, limit);
    return c.json({ events, next: events.length < limit ? null : (events.at(-1)?.version ?? null) });
  });

  return app;
}

async function find(database: Database, id: string): Promise<StoredShop> {
  const stored = await loadShop(database, check(ShopId, id, 'id'), false);
  if (stored === null) throw new ProblemError('shop-not-found', `No shop ${id}. GET /shops lists those there are.`);
  return stored;
}

function shopDocument({ version, shop }: StoredShop) {
  return { version, ...shop };
}

type Bounds = { least: number; most: number; otherwise: number };

function wholeNumber(text: string | undefined, name: string, { least, most, otherwise }: Bounds): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ProblemError('malformed-request', `${name} must be a whole number from ${least} to ${most}.`);
}
