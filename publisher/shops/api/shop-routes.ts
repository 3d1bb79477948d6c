import { Hono } from 'hono';
import { EventsQuery, type ShopDocument, ShopQuery, ShopsQuery } from '../../../contracts/shops/history.ts';
import { ShopId } from '../../../contracts/shops/shop.ts';
import { check } from '../../../contracts/wire/check.ts';
import { ProblemError } from '../../../contracts/wire/problem.ts';
import { taggedResponse } from '../../../contracts/wire/tagged-response.ts';
import { type ByteBudget, jsonText, roomForAnswer, roomForPast } from '../../http/byte-budget.ts';
import type { Database } from '../../postgres/database.ts';
import { shopAtTime, shopAtVersion } from '../store/as-of.ts';
import { loadShop, readHistory, type StoredShop } from '../store/event-store.ts';
import { readShopPage } from '../store/read-shops.ts';

/** Routes for an operator: shops as they are, and their history. */
export function shopRoutes(database: Database, answers: ByteBudget): Hono {
  const app = new Hono();
  const room = roomForAnswer(answers);

  app.get('/shops', room, async (c) => {
    const { after, limit } = check(ShopsQuery, c.req.query());
    const { rows, isLast } = await readShopPage(database, after, limit);
    const shops = rows.map(({ version, state }) => shopDocument({ version, shop: state }));
    return jsonText(c, JSON.stringify({ shops, next: isLast ? null : (rows.at(-1)?.id ?? null) }));
  });

  app.get('/shops/:shopId', roomForPast(answers), async (c) => {
    const stored = await find(database, c.req.param('shopId'));
    const { version, at } = check(ShopQuery, c.req.query());
    if (version !== undefined || at !== undefined)
      return c.json(shopDocument(await findPast(database, stored.shop.id, version, at)));
    return taggedResponse(c, `"${stored.version}"`, () => c.json(shopDocument(stored)));
  });

  app.get('/shops/:shopId/events', room, async (c) => {
    const id = c.req.param('shopId');
    await find(database, id);
    const { after, limit } = check(EventsQuery, c.req.query());
    const { events, isLast } = await readHistory(database, id, after, limit);
    return jsonText(c, JSON.stringify({ events, next: isLast ? null : (events.at(-1)?.version ?? null) }));
  });

  return app;
}

async function find(database: Database, id: string): Promise<StoredShop> {
  const stored = await loadShop(database, check(ShopId, id, 'shopId'), false);
  if (stored === null) throw new ProblemError('resource-not-found', `No shop ${id}. GET /shops lists those there are.`);
  return stored;
}

/** Reads a shop as it was at a version or an instant. It has no ETag, because the past never changes. */
async function findPast(
  database: Database,
  id: string,
  version: number | undefined,
  at: string | undefined,
): Promise<StoredShop> {
  if (version !== undefined && at !== undefined)
    throw new ProblemError('malformed-request', 'Ask for a version or for an instant (at), not for both.');
  return at === undefined ? shopAtVersion(database, id, version ?? 1) : shopAtTime(database, id, new Date(at));
}

function shopDocument({ version, shop }: StoredShop): ShopDocument {
  return { version, ...shop };
}
