import type { DatabaseSync } from 'node:sqlite';
import type { Advertisement } from './consumer.ts';

/** WGS 84, degrees. */
export type Point = { latitude: number; longitude: number };

/** A shop that may be advertised, as far away as it is. */
export type Candidate = { id: string; version: number; view: Advertisement /** Metres. */; distance: number | null };

/** Open shops of a category (null: of any), the nearest first where a point is given: then only those whose place is known. */
export type PickCandidates = (category: string | null, near: Point | null, limit: number) => Promise<Candidate[]>;

type Row = { id: string; version: number; view: string };

/** Prepares the queries on a store's own columns. */
export function createPickCandidates(database: DatabaseSync): PickCandidates {
  const anywhere = database.prepare(`
    select id, version, view from view
    where openness = 'open'
      and (:category is null or category = :category or substr(category, 1, length(:category) + 1) = :category || '_')
    order by id limit :limit`);
  // A degree of longitude shrinks with the cosine of the latitude; that is enough to tell which shop is nearer.
  const nearest = database.prepare(`
    select id, version, view from view
    where openness = 'open' and latitude is not null
      and (:category is null or category = :category or substr(category, 1, length(:category) + 1) = :category || '_')
    order by (latitude - :latitude) * (latitude - :latitude)
           + (longitude - :longitude) * (longitude - :longitude) * :shrink
    limit :limit`);
  return async (category, near, limit) => {
    if (near === null) return (anywhere.all({ category, limit }) as Row[]).map((row) => candidate(row, null));
    const shrink = Math.cos((near.latitude * Math.PI) / 180) ** 2;
    return (nearest.all({ category, limit, ...near, shrink }) as Row[]).map((row) => candidate(row, near));
  };
}

function candidate({ id, version, view: json }: Row, near: Point | null): Candidate {
  const view = JSON.parse(json) as Advertisement;
  return { id, version, view, distance: near && view.place && Math.round(metres(near, view.place)) };
}

/** 6,371,008.8 m: the mean radius of the earth (IUGG). */
const EARTH = 6_371_008.8;

/** Great-circle distance by the haversine formula. */
export function metres(a: Point, b: Point): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2;
  const h =
    half(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude);
  return 2 * EARTH * Math.asin(Math.sqrt(h));
}
