import type { HoldStore } from '../../runtime/views/hold-store.ts';
import { textAttribute, toVersion } from './item.ts';
import { getItems, putIfNewer, type TableDeps } from './rows.ts';

/** An id that no resource can have (contracts/wire/resource.ts): the item of the hold. */
export const HOLD_ID = '../hold';

/** 5 tries: at most a few workers and an operator write at once. */
const TRIES = 5;

/** Makes the hold of a consumer in the table of its views: one item, which no index has. */
export function holdIn(deps: TableDeps): HoldStore {
  const get = async () => (await getItems(deps, [HOLD_ID], { ConsistentRead: true }))[0];

  return {
    async read() {
      const item = await get();
      return item === undefined ? null : textAttribute(item, 'view');
    },
    async keep(text) {
      for (let tries = 0; tries < TRIES; tries++) {
        const item = await get();
        const version = item === undefined ? 1 : toVersion(item).version + 1;
        const next = { id: { S: HOLD_ID }, version: { N: String(version) }, view: { S: text } };
        const [isWritten] = await putIfNewer(deps, [next]);
        if (isWritten) return;
      }
      throw new Error(`table ${deps.table}: others write the hold at the same time`);
    },
  };
}
