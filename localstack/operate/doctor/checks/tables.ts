import { readValue } from '../../../infrastructure/aws/ask.ts';
import { aws, type CheckResult, type ConsumerCheckInput, duration, error, grant, notChecked } from '../finding.ts';

/** Checks that the table exists if functions write to it. Workers keep their views elsewhere. */
export function tableExists({ place, state, expected }: ConsumerCheckInput): CheckResult {
  const wanted = expected.tables[place.consumer];
  if (wanted === undefined) return null;
  if ('notChecked' in state.table)
    return [notChecked(wanted.name, state.table.notChecked, grant('dynamodb:DescribeTable'))];
  if (state.table.value !== null) return [];
  const functions = readValue(state.wakers) ?? [];
  if (functions.length === 0) return null;
  return [
    error(
      wanted.name,
      `the table does not exist, and ${functions[0]?.functionName} writes to it`,
      expected.bringInLine,
    ),
  ];
}

/** Checks that DynamoDB deletes old tombstones. */
export function timeToLive(input: ConsumerCheckInput): CheckResult {
  const wanted = input.expected.tables[input.place.consumer];
  const found = readValue(input.state.table);
  if (wanted === undefined || found === null) return null;
  if ('notChecked' in found.timeToLive)
    return [notChecked(wanted.name, found.timeToLive.notChecked, grant('dynamodb:DescribeTimeToLive'))];
  const { value: attribute } = found.timeToLive;
  if (attribute === wanted.timeToLive) return [];
  const what = `tombstones stay for ever: TTL ${attribute === null ? 'is off' : `reads ${attribute}`}`;
  const specification = `Enabled=true,AttributeName=${wanted.timeToLive}`;
  const command = `dynamodb update-time-to-live --table-name ${wanted.name} --time-to-live-specification ${specification}`;
  return [error(wanted.name, what, aws(input, command))];
}

/** Checks that the table has the indexes of the query API. */
export function indexes({ place, state, expected }: ConsumerCheckInput): CheckResult {
  const wanted = expected.tables[place.consumer];
  const found = readValue(state.table);
  if (wanted === undefined || found === null) return null;
  const missing = wanted.indexes.filter((name) => !found.indexes.includes(name));
  if (missing.length === 0) return [];
  return [
    error(wanted.name, `the table has no index ${missing.join(', ')}: queries that need it fail`, expected.bringInLine),
  ];
}

/** Checks that a tombstone lives longer than every ring: a late ring could bring a closed shop back. */
export function tombstones({ place, state, expected: { tombstoneSeconds, tables } }: ConsumerCheckInput): CheckResult {
  const queue = readValue(state.queue);
  if (queue === null || readValue(state.table) === null) return null;
  if (tombstoneSeconds > queue.retentionSeconds) return [];
  const what = `a tombstone is deleted after ${duration(tombstoneSeconds)}, a ring after ${duration(queue.retentionSeconds)}: a late ring could bring a closed shop back`;
  const where = tables[place.consumer]?.name ?? place.consumer;
  return [error(where, what, `Set MessageRetentionPeriod of ${place.queue.name} below ${tombstoneSeconds}.`)];
}
