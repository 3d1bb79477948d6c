import type { ViewRow } from '../../../consumers/runtime/views/view-store.ts';
import { differencesOf } from '../../../publisher/shops/rebuild/differences.ts';

/** One field in which a view differs from its source. */
export type ViewDifference = { id: string; field: string; source: unknown; view: unknown };

type Row = ViewRow<unknown> | undefined;

/**
 * Compares an expected row with a stored view, field by field, tombstones included. Undefined means that there is no
 * row. A view with an older version and the same content is equal: events that do not wake the consumer raise only
 * the version. A view with a newer version is a difference. A tombstone of a shop that the source never heard of shows
 * nothing, so it is equal. Pure.
 */
export function compareView(id: string, source: Row, view: Row): ViewDifference[] {
  if (source === undefined && (view === undefined || view.view === null)) return [];
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
