/** A point in degrees of WGS 84. */
export type Point = { latitude: number; longitude: number };

/** A tenth of a degree: some 11 by 9 kilometres in Korea. */
const PER_DEGREE = 10;

const square = (latitude: number, longitude: number) => `${latitude},${longitude}`;
const row = (degrees: number) => Math.floor(degrees * PER_DEGREE);

/** Finds the square of a point, named by its south-western corner in tenths of a degree: `375,1270`. */
export function cellOf({ latitude, longitude }: Point): string {
  return square(row(latitude), row(longitude));
}

/** Lists the squares around a point at a distance of `ring` squares: 1 for ring 0, then 8 times the ring. */
export function cellsAround({ latitude, longitude }: Point, ring: number): string[] {
  const [y, x] = [row(latitude), row(longitude)];
  if (ring === 0) return [square(y, x)];
  const steps = Array.from({ length: 2 * ring }, (_, n) => n - ring);
  return steps.flatMap((step) => [
    square(y - ring, x + step),
    square(y + step, x + ring),
    square(y + ring, x - step),
    square(y - step, x - ring),
  ]);
}

/** Distance in metres within which every point lies in one of the rings up to this one. */
export function reachOf({ latitude, longitude }: Point, ring: number): number {
  const edge = (degrees: number) => {
    const within = degrees * PER_DEGREE - row(degrees);
    return (ring + Math.min(within, 1 - within)) / PER_DEGREE;
  };
  // A degree of longitude shrinks with the cosine of the latitude: the farther from the equator, the shorter.
  const farthest = Math.min(90, Math.abs(latitude) + edge(latitude));
  return METRES_PER_DEGREE * Math.min(edge(latitude), edge(longitude) * Math.cos(radians(farthest)));
}

/** 6,371,008.8 m: the mean radius of the earth (IUGG). */
const EARTH = 6_371_008.8;
const METRES_PER_DEGREE = (EARTH * Math.PI) / 180;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Great-circle distance by the haversine formula. */
export function metres(a: Point, b: Point): number {
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2;
  const h =
    half(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude);
  return 2 * EARTH * Math.asin(Math.sqrt(h));
}
