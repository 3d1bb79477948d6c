import type { Hono } from 'hono';
import * as z from 'zod/mini';
import { shopServiceProblems } from '../../contracts/shops/problems.ts';
import { ShopId } from '../../contracts/shops/shop.ts';
import { check } from '../../contracts/wire/check.ts';
import { Version } from '../../contracts/wire/resource.ts';
import { findView, queryApp, taggedJson } from '../query/app.ts';
import type { ViewStore } from '../runtime/views/view-store.ts';
import type { Point } from './cells.ts';
import { Advertisement } from './consumer.ts';
import { type Candidate, pickCandidates } from './pick-candidates.ts';

/** A latitude of at most 90 degrees, a comma and a longitude of at most 180; spaces around them do no harm. */
const POINT = /^ *-?(90(\.0+)?|[0-8]?\d(\.\d+)?) *, *-?(180(\.0+)?|(1[0-7]\d|\d{1,2})(\.\d+)?) *$/;

/** Query of `GET /candidates`; `near` is a latitude and a longitude. */
export const CandidatesQuery = z.strictObject({
  category: z.optional(z.string().check(z.trim(), z.normalize('NFC'), z.maxLength(100))),
  near: z.optional(z.string().check(z.regex(POINT, 'latitude,longitude in degrees: 37.5665,126.9780'))),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 10),
});

/** Answer of `GET /ads/{shopId}`. */
export const AdLine = z.extend(z.omit(Advertisement, { cell: true }), { id: ShopId, version: Version });

/** Answer of `GET /candidates`; `distance` in whole metres, where the query has `near`. */
export const Candidates = z.object({
  candidates: z.array(z.extend(AdLine, { distance: z.optional(z.int().check(z.minimum(0))) })),
});
type Candidates = z.output<typeof Candidates>;

/** Makes the API of the ad server: `GET /candidates` and `GET /ads/{shopId}`. It never calls the publisher. */
export function adQueryApi(store: Pick<ViewStore<Advertisement>, 'read' | 'query'>): Hono {
  const app = queryApp(shopServiceProblems);

  app.get('/candidates', async (c) => {
    const { category, near, limit } = check(CandidatesQuery, c.req.query());
    const candidates = await pickCandidates(store, category || null, near === undefined ? null : pointOf(near), limit);
    return taggedJson(c, { candidates: candidates.map(document) } satisfies Candidates);
  });

  app.get('/ads/:shopId', async (c) => {
    const { id, version, view } = await findView(store, c.req.param('shopId'));
    const { cell: _, ...line } = view;
    const shown = { id, version, ...line } satisfies z.output<typeof AdLine>;
    return taggedJson(c, shown);
  });

  return app;
}

function document({ id, version, view: { cell: _, ...view }, distance }: Candidate) {
  return { id, version, ...view, ...(distance !== null && { distance }) };
}

function pointOf(near: string): Point {
  const [latitude = 0, longitude = 0] = near.split(',').map(Number);
  return { latitude, longitude };
}
