/** Ids in order: the first one at `from` or above, null at the end. `from` never goes back. */
export type Ids = (from: string) => Promise<string | null>;

/** The least text above an id: ids have no character below `-`. */
export const above = (id: string): string => `${id}!`;

/** Ids in a row, and whether there are none above them. */
export type Page = { ids: readonly string[]; isLast: boolean };

/** Ids on a page of an index: few at first and after a leap, twice as many after each page that was of use. */
const SIZE = { first: 32, most: 1_024 };

/** Ids as an index gives them, page by page. */
export function inPages(read: (from: string, most: number) => Promise<Page>): Ids {
  let page: Page = { ids: [], isLast: false };
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

/** The ids that any of these have. */
export function anyOf(streams: readonly Ids[]): Ids {
  const heads: (string | null)[] = streams.map(() => '');
  return async (from) => {
    const behind = [...heads.keys()].filter((n) => isBelow(heads[n], from));
    const found = await Promise.all(behind.map((n) => (streams[n] as Ids)(from)));
    for (const [place, n] of behind.entries()) heads[n] = found[place] ?? null;
    return heads.reduce((least, id) => (least === null || isBelow(id, least) ? id : least), null);
  };
}

const isBelow = (id: string | null | undefined, limit: string) => typeof id === 'string' && id < limit;

/** The ids that all of these have: each is asked from the place on that the farthest has reached. */
export function allOf(streams: readonly Ids[]): Ids {
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

/** The next ids from a place on, so many at most. */
export async function take(ids: Ids, from: string, most: number): Promise<string[]> {
  const taken: string[] = [];
  for (let at = from; taken.length < most; ) {
    const id = await ids(at);
    if (id === null) break;
    taken.push(id);
    at = above(id);
  }
  return taken;
}
