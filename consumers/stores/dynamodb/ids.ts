/** Reads ids in order: the first one at `from` or above, null at the end. `from` never goes back. */
export type IdCursor = (from: string) => Promise<string | null>;

/** The smallest text above an id: ids have no character below `-` (contracts/wire/resource.ts). */
export const above = (id: string): string => `${id}!`;

/** Ids in a row, and whether they are the last ones. */
export type IdPage = { ids: readonly string[]; isLast: boolean };

/** Ids on a page of an index: few at first and after a jump, twice as many after each page that was useful. */
const SIZE = { first: 32, most: 1_024 };

/** Reads ids of an index page by page. */
export function inPages(read: (from: string, most: number) => Promise<IdPage>): IdCursor {
  let page: IdPage = { ids: [], isLast: false };
  let [at, size, asked] = [0, SIZE.first, 0];

  async function turn(from: string): Promise<void> {
    if (page.ids.length > 0) size = asked * 2 > page.ids.length ? Math.min(SIZE.most, size * 2) : SIZE.first;
    page = await read(from, size);
    [at, asked] = [0, 0];
  }

  return async (from) => {
    asked++;
    for (;;) {
      while (isBelow(page.ids[at], from)) at++;
      const id = page.ids[at];
      if (id !== undefined || page.isLast) return id ?? null;
      await turn(from);
    }
  };
}

/** Merges streams: every id that at least one of them has. */
export function anyOf(streams: readonly IdCursor[]): IdCursor {
  const heads: (string | null)[] = streams.map(() => '');
  return async (from) => {
    const behind = [...heads.keys()].filter((n) => isBelow(heads[n], from));
    const found = await Promise.all(behind.map((n) => (streams[n] as IdCursor)(from)));
    for (const [place, n] of behind.entries()) heads[n] = found[place] ?? null;
    return heads.reduce((least, id) => (least === null || isBelow(id, least) ? id : least), null);
  };
}

const isBelow = (id: string | null | undefined, limit: string) => typeof id === 'string' && id < limit;

/** Intersects streams: ids that all of them have. Each stream continues at the farthest id reached by any. */
export function allOf(streams: readonly IdCursor[]): IdCursor {
  return async (from) => {
    for (let at = from; ; ) {
      const found = await Promise.all(streams.map((ids) => ids(at)));
      const known = found.filter((id) => id !== null);
      if (known.length < streams.length) return null;
      const farthest = known.reduce((far, id) => (isBelow(far, id) ? id : far), at);
      if (known.every((id) => id === farthest)) return farthest;
      at = farthest;
    }
  };
}

/** Takes the next ids from an id on, at most `most`. */
export async function take(ids: IdCursor, from: string, most: number): Promise<string[]> {
  const taken: string[] = [];
  for (let at = from; taken.length < most; ) {
    const id = await ids(at);
    if (id === null) break;
    taken.push(id);
    at = above(id);
  }
  return taken;
}
