import type { ViewRow } from '../../consumers/runtime/views/view-store.ts';
import type { Kind } from '../../localstack/operate/audit/judge.ts';
import type { Known } from './audit-world.ts';

/** The kinds of differences, 20 of each are planted. */
export const planted: readonly Kind[] = ['older', 'missing', 'ghost', 'above', 'content'];

/** Lists the ids of a planted kind, sorted. */
export const plantedIds = (kind: string, count = 20): string[] =>
  Array.from({ length: count }, (_, n) => `${kind}_${n}`).toSorted();

/** What is no difference: views that slept, tombstones that have expired, and tombstones of what is unknown. */
const decoys = { asleep: 30, expired: 10, nothing: 10 };

const versionOf = (n: number) => 3 + (n % 9);

/** Makes the source: 20,000 resources, a tenth of them gone, and those with planted differences and decoys. */
export function known(): Map<string, Known> {
  const resources = new Map<string, Known>();
  for (let n = 0; n < 20_000; n++)
    resources.set(`s${n}`, { version: versionOf(n), name: n % 10 === 0 ? null : `s${n}` });
  for (const kind of planted.filter((kind) => kind !== 'ghost'))
    for (const id of plantedIds(kind)) resources.set(id, { version: 5, name: id });
  for (const id of plantedIds('asleep', decoys.asleep)) resources.set(id, { version: 5, name: id });
  for (const id of plantedIds('expired', decoys.expired)) resources.set(id, { version: 5, name: null });
  return resources;
}

/** Makes the views of `known`, with 100 differences and the decoys. */
export function differingRows(): ViewRow<unknown>[] {
  const right = [...known()].flatMap(([id, { version, name }]) =>
    id.startsWith('s') ? [{ id, version, view: name === null ? null : { title: name.toUpperCase() } }] : [],
  );
  const rows = (kind: string, version: number, view: (id: string) => unknown, count = 20) =>
    plantedIds(kind, count).map((id) => ({ id, version, view: view(id) }));
  const titled = (id: string) => ({ title: id.toUpperCase() });
  return [
    ...right,
    ...rows('older', 4, () => ({ title: 'before' })),
    ...rows('ghost', 4, titled),
    ...rows('above', 9, titled),
    ...rows('content', 5, () => ({ title: 'damaged' })),
    ...rows('asleep', 2, titled, decoys.asleep),
    ...rows('nothing', 2, () => null, decoys.nothing),
  ];
}
