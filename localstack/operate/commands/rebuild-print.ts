import type { Difference } from '../../../publisher/shops/rebuild/check.ts';
import type { Mended } from '../../../publisher/shops/rebuild/mend.ts';
import { count } from '../../terminal.ts';

type Format = { check?: boolean; json?: boolean };

/** What a rebuild went through; `left` is what it could not mend. */
export type RebuildSum = {
  events: number;
  shops: number;
  snapshots: number;
  differences: number;
  mended: number;
  left: number;
};

const ndjson = (kind: string, value: object) => JSON.stringify({ schemaVersion: 1, kind, ...value });

/** One line: which field of what differs, and how. */
export function differenceText(difference: Difference, { json }: Format): string {
  if (json) return ndjson('difference', difference);
  const { shop, where, version, field, expected, found } = difference;
  const place = [where, ...(version === null ? [] : [`v${version}`]), ...(field ? [field] : [])].join(' ');
  return `${shop}  ${place}: by events ${JSON.stringify(expected)}, stored ${JSON.stringify(found)}`;
}

/** One line: what of a shop was written anew. */
export function mendedText(mended: Mended, { json }: Format): string {
  if (json) return ndjson('mended', mended);
  const { shop, row, snapshots, left } = mended;
  const what = [...(row ? ['its row'] : []), ...snapshots.map((version) => `its snapshot of v${version}`)];
  const done = what.length > 0 ? `mended: ${what.join(', ')}` : 'nothing to mend';
  return `${shop}  ${done}${left.map(({ found }) => `; left as it is: ${found}`).join('')}`;
}

/** The last line. */
export function sumText(sum: RebuildSum, { check, json }: Format): string {
  if (json) return ndjson('sum', sum);
  const { events, shops, snapshots, differences, mended, left } = sum;
  const folded = `${count(events)} events folded, ${count(shops)} shops and ${count(snapshots)} snapshots compared`;
  const done = check ? '' : `, ${count(mended)} shops mended, ${count(left)} left as they are`;
  return `${folded}: ${count(differences)} differences${done}`;
}
