import { parts } from '../../../consumers/all.ts';
import { TIME_TO_LIVE, TOMBSTONE_SECONDS, tableOf } from '../../../consumers/stores/dynamodb/table.ts';
import { writeAttributes } from '../../../contracts/wire/attributes.ts';
import { shopAgreementFaults } from '../../infrastructure/shop-agreements.ts';
import { shopTopologyOf } from '../../infrastructure/shop-topology.ts';
import { BURIAL_ATTRIBUTES } from '../dead-letters/burial-attributes.ts';
import type { DoctorTarget } from './read-deployed.ts';
import type { Expected, ExpectedTable } from './state.ts';

/** A ring with every attribute that it can have. */
const FULL_RING = writeAttributes('shop.opened', {
  eventId: 'id',
  version: 1,
  occurredAt: 1,
  traceparent: '00',
  lane: 'replay',
});

/** Derives the expected state from topology, agreements and tables. Pure. */
export function expectedOf(
  stage: string,
  { isRunHere, endpoint, client }: Pick<DoctorTarget, 'isRunHere' | 'endpoint' | 'client'>,
): Expected {
  return {
    stage,
    topology: shopTopologyOf(stage),
    agreementFaults: shopAgreementFaults(),
    tables: tablesOf(stage),
    tombstoneSeconds: TOMBSTONE_SECONDS,
    attributes: { ring: Object.keys(FULL_RING), burial: [...BURIAL_ATTRIBUTES] },
    bringInLine: isRunHere
      ? 'Stop npm start and start it again: it corrects topic and queues.'
      : `npm run doorbell -- deploy --stage ${stage}${client.region === undefined ? '' : ` --region ${client.region}`}${endpoint === null ? '' : ` --endpoint-url ${endpoint}`}`,
  };
}

/** Lists the tables of the template, by consumer. */
function tablesOf(stage: string): Record<string, ExpectedTable> {
  const tables = parts.map(({ consumer: { agreement }, indexes }) => {
    const names = tableOf(indexes).GlobalSecondaryIndexes.map(({ IndexName }) => IndexName);
    const table = { name: `${stage}-${agreement.name}-views`, timeToLive: TIME_TO_LIVE.AttributeName, indexes: names };
    return [agreement.name, table] as const;
  });
  return Object.fromEntries(tables);
}
