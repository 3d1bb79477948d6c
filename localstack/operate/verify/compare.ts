import type { ViewRow } from '../../../consumers/runtime/views/view-store.ts';
import { differencesOf } from '../../../publisher/shops/rebuild/differences.ts';

/** One field in which a view differs from its source. */
export type ViewDifference = { id: string; field: string; source: unknown; view: unknown };

type Row = ViewRow<unknown> | undefined;

/**
 * Compares what a view should be with what it is, field by field, tombstones included; undefined where there is
 * none. A view of an older version that shows the same is no difference: its consumer slept through events that
 * changed nothing for it. One of a newer version is. Pure.
 */
export function compareRow(id: string, source: Row, view: Row): ViewDifference[] {
  if (source === undefined && view === undefined) return [];
  if (source === undefined) return [{ id, field: 'shop', source: 'unknown', view: `version ${view?.version}` }];
  if (view === undefined) return [{ id, field: 'shop', source: `version ${source.version}`, view: 'missing' }];
  const ahead = view.version > source.version ? compareValue(id, 'version', source.version, view.version) : [];
  return [...ahead, ...compareValue(id, '', source.view, view.view)];
}

function compareValue(id: string, field: string, source: unknown, view: unknown): ViewDifference[] {
  return differencesOf(source, view, field).map(({ field, expected, found }) => {
    return { id, field: field || 'view', source: expected, view: found };
  });
}
