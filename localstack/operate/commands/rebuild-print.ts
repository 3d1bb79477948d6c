import type { StoredDifference } from '../../../publisher/shops/rebuild/check.ts';
import type { Mended } from '../../../publisher/shops/rebuild/mend.ts';
import { count } from '../../terminal.ts';

type Format = { check?: boolean; json?: boolean };

/** Counts of a rebuild. `left` counts the shops that it could not correct. */
export type RebuildSum = {
  events: number;
  shops: number;
  snapshots: number;
  differences: number;
  mended: number;
  left: number;
};

const ndjson = (kind: string, value: object) => JSON.stringify({ schemaVersion: 1, kind, ...value });

/** Writes one line about a field that differs. */
export function differenceText(difference: StoredDifference, { json }: Format): string {
  if (json) return ndjson('difference', difference);
  const { shop, where, version, field, expected, found } = difference;
  const place = [where, ...(version === null ? [] : [`v${version}`]), ...(field ? [field] : [])].join(' ');
  return `${shop}  ${place}: by events ${JSON.stringify(expected)}, stored ${JSON.stringify(found)}`;
}

/** Writes one line about the rows and snapshots of a shop that were rewritten. */
export function mendedText(mended: Mended, { json }: Format): string {
  if (json) return ndjson('mended', mended);
  const { shop, row, snapshots, left } = mended;
  const what = [...(row ? ['its row'] : []), ...snapshots.map((version) => `its snapshot of v${version}`)];
  const done = what.length > 0 ? `corrected: ${what.join(', ')}` : 'nothing to correct';
  return `${shop}  ${done}${left.map(({ found }) => `; not corrected: ${found}`).join('')}`;
}

/** Writes the last line, with the sums. */
export function sumText(sum: RebuildSum, { check, json }: Format): string {
  if (json) return ndjson('sum', sum);
  const { events, shops, snapshots, differences, mended, left } = sum;
  const folded = `${count(events)} events folded, ${count(shops)} shops and ${count(snapshots)} snapshots compared`;
  const done = check ? '' : `, ${count(mended)} shops corrected, ${count(left)} not corrected`;
  return `${folded}: ${count(differences)} differences${done}`;
}
