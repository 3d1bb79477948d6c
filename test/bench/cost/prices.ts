/** A list price: so many US dollars for so many units. */
export type Price = { name: string; usd: number; per: number; unit: string; note: string };

/** Where and when. They could not be looked up at AWS from here: see `CHECK`. */
export const PRICE_LIST = 'us-east-1, list prices as documents of 2025 and 2026 repeat them';

/** What stands beside every bill. */
export const CHECK = 'to be checked at aws.amazon.com/pricing; without free tiers, data transfer, logs and machines';

/** Everything that is paid by use here. */
export const prices = {
  publish: {
    name: 'SNS: publish requests',
    usd: 0.5,
    per: 1_000_000,
    unit: 'requests',
    note: 'a PublishBatch of at most 64 KB is one; deliveries to SQS are free',
  },
  filter: {
    name: 'SNS: bodies scanned by filter policies',
    usd: 0.09,
    per: 1_000_000_000,
    unit: 'bytes',
    note: 'once for each subscription with a policy',
  },
  sqs: {
    name: 'SQS: requests of consumers',
    usd: 0.4,
    per: 1_000_000,
    unit: 'requests',
    note: 'receive, delete and visibility, ten messages at most; empty ones cost the same',
  },
  delivery: {
    name: 'SQS: messages that SNS sends',
    usd: 0.4,
    per: 1_000_000,
    unit: 'requests',
    note: 'assumed to be billed as a request each; nobody says plainly that they are free',
  },
  write: { name: 'DynamoDB: write units', usd: 0.625, per: 1_000_000, unit: 'units', note: 'on demand, 1 KB' },
  read: { name: 'DynamoDB: read units', usd: 0.125, per: 1_000_000, unit: 'units', note: 'on demand, 4 KB' },
  invocation: { name: 'Lambda: invocations', usd: 0.2, per: 1_000_000, unit: 'requests', note: '' },
  compute: { name: 'Lambda: compute', usd: 0.0000133334, per: 1, unit: 'GB-seconds', note: 'arm64, first tier' },
  gateway: { name: 'API Gateway: HTTP API requests', usd: 1, per: 1_000_000, unit: 'requests', note: 'first tier' },
} as const satisfies Record<string, Price>;

/** The counts that a bill is made of, for so many changes; what was not counted is left out. */
export type Usage = Partial<Record<keyof typeof prices, number>>;

/** One line of a bill: units and US dollars for a million changes. */
export type BillLine = { item: keyof typeof prices; name: string; units: number; usd: number };

/** What a million changes cost, if they go on as those that were counted. Pure. */
export function billOf(usage: Usage, changes: number): { lines: BillLine[]; usd: number } {
  const lines = Object.entries(usage).map(([key, counted]): BillLine => {
    const item = key as keyof typeof prices;
    const { name, usd, per } = prices[item];
    const units = (counted * 1_000_000) / changes;
    return { item, name, units, usd: (units / per) * usd };
  });
  return { lines, usd: lines.reduce((sum, line) => sum + line.usd, 0) };
}
