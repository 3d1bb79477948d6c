import type { Condition, Filter, ViewRow, ViewStore } from '../../consumers/runtime/views/view-store.ts';

type Values = Readonly<Record<string, string | null>>;

/** What a store of flat views must answer, in the plainest words: a map, and a look at each of its rows. */
export function modelStore(): ViewStore<Values> {
  const rows = new Map<string, ViewRow<Values>>();
  const inOrder = () => [...rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const known = (ids: readonly string[]) => inOrder().filter(({ id }) => ids.includes(id));

  return {
    versions: async (ids) => new Map(known(ids).map(({ id, version }) => [id, version])),
    read: async (ids) => known(ids),
    write: async (given) =>
      given.map((row) => {
        const isNewer = row.version > (rows.get(row.id)?.version ?? 0);
        if (isNewer) rows.set(row.id, row);
        return isNewer;
      }),
    probe: async () => {},
    scan: async (after, limit) =>
      inOrder()
        .filter(({ id }) => id > after)
        .slice(0, limit),
    query: async (filter, after, limit) =>
      inOrder()
        .flatMap(({ view, ...row }) =>
          view !== null && row.id > after && fits(view, filter) ? [{ ...row, view }] : [],
        )
        .slice(0, limit),
  };
}

function fits(view: Values, filter: Filter): boolean {
  return Object.entries(filter).every(([name, given]) => {
    const value = view[name];
    return typeof value === 'string' && [given].flat().some((condition) => holds(value, condition as Condition));
  });
}

function holds(value: string, condition: Condition): boolean {
  if (typeof condition === 'string') return value === condition;
  return 'contains' in condition ? value.includes(condition.contains) : value.startsWith(condition.startsWith);
}
