import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import type { RelayEvent } from '../../../publisher/relay/relay.ts';
import type { Fetch } from '../../import/publisher-client.ts';
import { count, paint, seconds, terminal } from '../../terminal.ts';
import type { Home } from '../home.ts';
import { operatorFetch } from '../seed.ts';
import type { System } from '../system.ts';
import type { Stats } from './stats.ts';

type Example = { id: string; menu: { id: string; price: number | null }[] };

/** Prints the addresses, and three commands that can be copied and run. */
export async function printReady(system: System, home: Home, ms: number): Promise<void> {
  const { publisherUrl, consumers } = system;
  const example = await anExample(operatorFetch(system, home));
  terminal.line();
  terminal.line(
    `  ${'publisher'.padEnd(WIDTH)}  ${publisherUrl}   GET /shops/{id}?version=&at=   GET /shops/{id}/events   GET /docs`,
  );
  for (const { name, url, queries } of consumers)
    terminal.line(`  ${name.padEnd(WIDTH)}  ${url}   ${queries.join('   ')}`);
  terminal.line();
  terminal.line('Try, in another terminal:');
  for (const command of commandsFor(example, system, home)) terminal.line(`  ${command}`);
  terminal.line();
  terminal.line(`${paint('green', `Ready in ${seconds(ms)}`)} · each ring prints a line below · Ctrl-C stops`);
}

const WIDTH = 'publisher'.length;

async function anExample(fetch: Fetch): Promise<Example | null> {
  const response = await fetch('/shops?limit=100');
  const { shops } = (await response.json()) as { shops: (Example & { openness: string })[] };
  return shops.find(({ openness, menu }) => openness === 'open' && menu[0]?.price) ?? null;
}

function commandsFor(example: Example | null, { publisherUrl, consumers }: System, { operatorFile }: Home): string[] {
  const importing = 'npm run doorbell -- import localstack/data/shops-2024-02.csv';
  const [item] = example?.menu ?? [];
  if (example === null || item === undefined) return [importing, 'npm run doorbell -- verify'];
  const path = `${publisherUrl}/shops/${example.id}/menu/${item.id}`;
  const price = JSON.stringify({ price: (item.price ?? 0) + 500 });
  return [
    `curl -s -X PATCH ${path} -H ${asArgument(`@${operatorFile}`)} -H 'content-type: application/json' -d '${price}'`,
    `curl -s ${consumers[0]?.url}/shops/${example.id}`,
    importing,
  ];
}

/** Quotes a text as one argument for a shell. */
const asArgument = (text: string) => (/^[\w@./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Prints the counts of this run. */
export function printSummary(stats: Stats): void {
  const { rung, collapsed, settled, skipped, requests, shops, stale, buried, p50, p99 } = stats.read();
  terminal.line(
    `${count(rung)} rings published (${count(collapsed)} more collapsed) · ${count(settled)} settled, ${count(skipped)} of them without a look · ` +
      `${count(requests)} requests for ${count(shops)} shops · ${count(stale)} stale · ${count(buried)} buried`,
  );
  if (p50 > 0) terminal.line(`commit → view p50 ${p50} ms, p99 ${p99} ms`);
}

const megabytes = (bytes: number) => `${count(Math.round(bytes / 2 ** 20))} MiB`;

/** Replaces control characters in foreign text, which a terminal could obey. */
const printable = (text: string) => text.replace(/[\p{Cc}\p{Cf}]/gu, '·');

/** Writes one line about good news of a consumer; null for other events, and for a source that has nothing yet. */
export function newsLine(who: string, event: ConsumerEvent): string | null {
  if (event.kind !== 'refilled' || event.resources === 0) return null;
  return `${who}: ${count(event.resources)} shops were read from the pages of the source`;
}

/** Writes one line about an event that an operator should know; null for other events. */
export function troubleLine(who: string, event: RelayEvent | ConsumerEvent): string | null {
  switch (event.kind) {
    case 'retrying':
      return `${who}: SNS refused ${event.rings} rings (${event.reason}); attempt ${event.attempt} follows`;
    case 'parked':
      return `${who}: SNS refuses the ring ${event.ring.type} of ${event.ring.id} for good (${event.reason}); parked`;
    case 'waiting-for-writer':
      return `${who}: a transaction that writes events has been open for ${seconds(event.ms)}; every ring after ${event.position} waits for it`;
    case 'catching-up':
      return `${who}: its replication slot is new; events after ${event.position} are rung from the event table`;
    case 'slot-behind':
      return `${who}: PostgreSQL keeps ${megabytes(event.bytes)} of its log for the slot ${event.slot} (${event.status})`;
    case 'prune-failed':
      return `${who}: old changes can't be removed (${event.reason}); the relay goes on`;
    case 'failed':
    case 'receive-failed':
      return `${who}: ${event.reason}; trying again`;
    case 'query-failed':
      return `${who}: a query failed (${event.reason})`;
    case 'source-away':
      return `${who}: the source is away (${event.reason}); ${event.resources} shops go back to the queue`;
    case 'not-shown':
      return `${who}: the source can't show ${event.id} (${event.reason}); its ring comes again`;
    case 'store-failed':
      return `${who}: the views can't be written (${event.reason}); nothing is deleted from the queue`;
    case 'buried':
      return `${who}: dead letter, ${event.letter.reason}: ${printable(event.letter.detail)}`;
    case 'missed':
      return `${who}: ${count(event.changes)} changes were not rung in time; the feed tells of them, and they are looked at`;
    case 'feed-lost':
      return `${who}: the feed was ${event.why}; all shops of the source are read`;
    case 'revised':
      return `${who}: its views are made in another way now; all shops of the source are read again`;
    case 'no-feed':
      return `${who}: the source has no feed; all of its shops are read now and then`;
    case 'follow-failed':
      return `${who}: the feed can't be followed (${event.reason}); trying again`;
    case 'settle-failed':
      return `${who}: ${event.reason} for message ${event.message.messageId}; it will be received again`;
    default:
      return null;
  }
}
