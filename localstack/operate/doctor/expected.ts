import { parts } from '../../../consumers/all.ts';
import { TIME_TO_LIVE, TOMBSTONE_SECONDS, tableOf } from '../../../consumers/stores/dynamodb/table.ts';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { writeAttributes } from '../../../contracts/wire/attributes.ts';
import { topologyOf } from '../../infrastructure/topology.ts';
import { BURIAL_ATTRIBUTES } from '../dead-letters/burial-attributes.ts';
import type { DoctorTarget } from './read-deployed.ts';
import type { Expected, ExpectedTable } from './state.ts';

/** All that a ring can say of itself. */
const FULL_RING = writeAttributes('shop.opened', {
  eventId: 'id',
  version: 1,
  occurredAt: 1,
  traceparent: '00',
  lane: 'replay',
});

/** What the topology, the agreements and the tables say should be there. */
export function expectedOf(
  stage: string,
  { isRunHere, endpoint, client }: Pick<DoctorTarget, 'isRunHere' | 'endpoint' | 'client'>,
): Expected {
  return {
    stage,
    topology: topologyOf(agreements, stage),
    tables: tablesOf(stage),
    tombstoneSeconds: TOMBSTONE_SECONDS,
    attributes: { ring: Object.keys(FULL_RING), burial: [...BURIAL_ATTRIBUTES] },
    bringInLine: isRunHere
      ? 'Stop npm start and start it again: it brings topic and queues in line.'
      : `npm run doorbell -- deploy --stage ${stage}${client.region === undefined ? '' : ` --region ${client.region}`}${endpoint === null ? '' : ` --endpoint-url ${endpoint}`}`,
  };
}

/** The tables of the template, by consumer. */
function tablesOf(stage: string): Record<string, ExpectedTable> {
  const tables = parts.map(({ consumer: { agreement }, indexes }) => {
    const names = tableOf(indexes).GlobalSecondaryIndexes.map(({ IndexName }) => IndexName);
    const table = { name: `${stage}-${agreement.name}-views`, timeToLive: TIME_TO_LIVE.AttributeName, indexes: names };
    return [agreement.name, table] as const;
  });
  return Object.fromEntries(tables);
}
