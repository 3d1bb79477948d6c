import { display } from '../../../consumers/display/consumer.ts';
import type { ViewRow } from '../../../consumers/runtime/views/view-store.ts';
import { forDisplay } from '../../../publisher/shops/sources/display.ts';
import { benchShops } from '../publisher/fill.ts';

type Row = ViewRow<unknown>;

/** Makes the views that display should have: those of the real shops, and of their copies. */
export function* rightRows(shops: number): Generator<Row> {
  const real = benchShops()
    .map((shop) => ({ id: shop.id, view: display.project(forDisplay(shop), shop.id) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (let n = 0; n < shops; n++) {
    const { id, view } = real[n % real.length] as (typeof real)[number];
    const copy = 1 + Math.floor(n / real.length);
    yield { id: copy === 1 ? id : `${id}_${copy}`, version: 5, view };
  }
}

/** 25 views of each kind that digests can find: older, missing, above and ghosts. */
const EACH = 25;

/** Makes the rows that differ, by their ids; null where the view is missing. They are spread over all. */
export function differing(shops: number): Map<string, Row | null> {
  const step = Math.floor(shops / (3 * EACH));
  const rows = [...rightRows(shops)].filter((_, n) => n % step === 1).slice(0, 3 * EACH);
  const changed = rows.map((row, n): [string, Row | null] => {
    if (n % 3 === 0) return [row.id, null];
    return [row.id, n % 3 === 1 ? { ...row, version: 4, view: null } : { ...row, version: 9 }];
  });
  const [{ view } = { view: null }] = rows;
  const ghosts = Array.from({ length: EACH }, (_, n): [string, Row] => [
    `ghost_${n}`,
    { id: `ghost_${n}`, version: 3, view },
  ]);
  return new Map([...changed, ...ghosts]);
}
