import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { consumersOf } from '../../../contracts/wire/agreement.ts';
import { aligned } from '../report.ts';
import { billOf, CHECK, PRICE_LIST, prices, type Usage } from './prices.ts';
import type { Counted } from './system.ts';
import type { Tallies } from './tally.ts';

/** What one workload came to. */
export type Result = { workload: string; note: string; changes: number; seconds: number; counted: Counted };

const POLICIES = consumersOf(agreements).length;

/** What is paid for, of what was counted. Pure. */
export function usageOf({ aws }: Counted): Usage {
  const sum = (kind: RegExp, key: 'calls' | 'items' | 'bytes' | 'units') =>
    Object.entries(aws).reduce((total, [name, tally]) => total + (kind.test(name) ? tally[key] : 0), 0);
  const isCounted = Object.keys(aws).some((name) => name.startsWith('dynamodb'));
  return {
    publish: sum(/^sns Publish/, 'calls'),
    filter: sum(/^sns Publish/, 'bytes') * POLICIES,
    sqs: sum(/^sqs /, 'calls'),
    delivery: sum(/^sqs ReceiveMessage/, 'items'),
    ...(isCounted && { write: sum(/^dynamodb (Put|Update|Delete)/, 'units') }),
    ...(isCounted && { read: sum(/^dynamodb (Get|BatchGet|Query|Scan)/, 'units') }),
  };
}

function billText(usage: Usage, elsewhere: Usage, changes: number): string {
  const bill = billOf(usage, changes);
  const given = billOf(elsewhere, 1_000_000);
  const rows = [...bill.lines, ...given.lines].map(({ item, name, units, usd }) => {
    const { per, usd: price, unit } = prices[item];
    return [name, `${whole(units)} ${unit}`, `$${price} per ${whole(per)}`, `$${usd.toFixed(3)}`];
  });
  return aligned([
    ['a million changes', 'count', 'price', 'USD'],
    ...rows,
    ['', '', '', `$${(bill.usd + given.usd).toFixed(2)}`],
  ]);
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const share = (part: number, of: number) => (of === 0 ? '-' : (part / of).toFixed(3));

function callsText(tallies: Tallies, changes: number): string {
  const rows = Object.entries(tallies)
    .toSorted()
    .map(([kind, { calls, items, empty, units }]) => [
      kind,
      whole(calls),
      whole(items),
      whole(empty),
      units === 0 ? '-' : whole(units),
      share(calls, changes),
    ]);
  return aligned([['calls', 'number', 'items', 'empty', 'units', 'a change'], ...rows]);
}

function workText({ work }: Counted, changes: number): string {
  const rows = Object.entries(work)
    .toSorted()
    .map(([name, { requests, shops, applied, current, skipped, asleep }]) => [
      name,
      ...[requests, shops, applied, current, skipped, asleep].map(whole),
      share(requests, changes),
    ]);
  return aligned([['consumer', 'requests', 'shops', 'applied', 'current', 'skipped', 'asleep', 'a change'], ...rows]);
}

/** What people read of one run. Pure. */
export function textOf({ workload, note, changes, seconds, counted }: Result, elsewhere: Usage): string {
  const { rings, collapsed } = counted;
  const rate = changes === 0 ? '' : `, ${whole(changes / seconds)} a second`;
  const head = `${workload}: ${note}\n${whole(changes)} events in ${seconds.toFixed(1)} s${rate}; ${whole(rings)} rings, ${whole(collapsed)} collapsed`;
  const parts = [head, callsText(counted.aws, changes), workText(counted, changes)];
  if (changes === 0) return [...parts, idleText(counted, seconds)].join('\n\n');
  return [...parts, billText(usageOf(counted), elsewhere, changes), `Prices: ${PRICE_LIST}; ${CHECK}.`].join('\n\n');
}

/** 730 hours are a month. */
function idleText(counted: Counted, seconds: number): string {
  const calls = ((usageOf(counted).sqs ?? 0) / seconds) * 3_600 * 730;
  const usd = billOf({ sqs: calls }, 1_000_000).usd;
  return `A month without a change: ${whole(calls)} SQS requests, $${usd.toFixed(2)}`;
}

/** What programs read of one run: a line of NDJSON. Pure. */
export function jsonOf({ workload, changes, seconds, counted: { aws, ...rest } }: Result, elsewhere: Usage): object {
  const bill = changes === 0 ? null : billOf(usageOf({ aws, ...rest }), changes);
  const others = billOf(elsewhere, 1_000_000);
  return {
    schemaVersion: 1,
    bench: 'cost',
    workload,
    changes,
    seconds,
    aws,
    ...rest,
    bill,
    elsewhere: others,
    prices: PRICE_LIST,
  };
}
