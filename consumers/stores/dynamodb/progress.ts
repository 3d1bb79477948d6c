import * as z from 'zod/mini';
import type { ProgressStore } from '../../runtime/views/progress-store.ts';
import { type Item, textAttribute, toVersion } from './item.ts';
import { getItems, putIfNewer, type TableDeps } from './rows.ts';

/** Id of the item with the progress. No resource can have this id (contracts/wire/resource.ts). */
export const PROGRESS_ID = '..';

const Held = z.object({ holder: z.nullable(z.string()), until: z.number(), kept: z.nullable(z.string()) });
type Held = z.output<typeof Held>;

const NOTHING: Held = { holder: null, until: 0, kept: null };

/** Reads the item; what this release can't read counts as nothing, and is written over. */
function readHeld(item: Item): Held {
  try {
    return Held.parse(JSON.parse(textAttribute(item, 'view')));
  } catch {
    return NOTHING;
  }
}

/**
 * Makes the progress of a consumer in the table of its views: one item, which no index has. Its version grows with each
 * write. If two workers have read the same version, only one of them can write.
 */
export function progressIn(deps: TableDeps): ProgressStore {
  let version = 0;
  let known = NOTHING;

  async function put(next: Held): Promise<boolean> {
    const item = { id: { S: PROGRESS_ID }, version: { N: String(version + 1) }, view: { S: JSON.stringify(next) } };
    const [isWritten = false] = await putIfNewer(deps, [item]);
    if (isWritten) [version, known] = [version + 1, next];
    return isWritten;
  }

  return {
    async lease(holder, ms) {
      const [item] = await getItems(deps, [PROGRESS_ID], { ConsistentRead: true });
      // A table that was deleted and made again has no views. So what is remembered of the old table is forgotten.
      [version, known] = item === undefined ? [0, NOTHING] : [toVersion(item).version, readHeld(item)];
      const now = deps.clock.now();
      const isHeld = known.until > now && known.until <= now + 2 * ms;
      if (known.holder !== null && known.holder !== holder && isHeld) return null;
      return (await put({ ...known, holder, until: now + ms })) ? { kept: known.kept } : null;
    },
    async keep(holder, ms, kept) {
      if (known.holder !== holder) return false;
      return put({ holder, until: deps.clock.now() + ms, kept });
    },
    async read() {
      const [item] = await getItems(deps, [PROGRESS_ID], { ConsistentRead: true });
      return item === undefined ? null : readHeld(item).kept;
    },
    async release(holder) {
      if (known.holder === holder) await put({ ...known, holder: null });
    },
  };
}
