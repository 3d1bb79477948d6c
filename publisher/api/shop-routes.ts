import { Hono } from 'hono';
import * as z from 'zod/mini';
import { check } from '../../contracts/check.ts';
import { ProblemError } from '../../contracts/problem.ts';
import { ShopId } from '../../contracts/shop.ts';

import { shopAtTime, shopAtVersion } from '../store/as-of.ts';
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
    const { version, at } = c.req.query();
    const stored = await find(database, c.req.param('id'));
    if (version !== undefined || at !== undefined)
      return c.json(shopDocument(await findPast(database, stored.shop.id, version, at)));
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

/** A shop as it was at a version or an instant. It has no ETag: nobody can change the past. */
async function findPast(
  database: Database,
  id: string,
  version: string | undefined,
  at: string | undefined,
): Promise<StoredShop> {
  if (version !== undefined && at !== undefined)
    throw new ProblemError('malformed-request', 'Ask for a version or for an instant (at), not for both.');
  if (at !== undefined) return shopAtTime(database, id, new Date(check(Instant, at, 'at')));
  const bounds = { least: 1, most: Number.MAX_SAFE_INTEGER, otherwise: 1 };
  return shopAtVersion(database, id, wholeNumber(version, 'version', bounds));
}

const Instant = z.iso.datetime({ offset: true, error: 'an instant as in 2026-11-24T10:15:00Z' });

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
