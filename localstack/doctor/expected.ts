import { agreements } from '../../contracts/agreements/all.ts';
import { writeAttributes } from '../../contracts/attributes.ts';
import { topologyOf } from '../topology.ts';
import type { LookAt } from './read-deployed.ts';
import type { Expected } from './state.ts';

/** All that a ring can say of itself. */
const FULL_RING = writeAttributes('shop.opened', {
  eventId: 'id',
  version: 1,
  occurredAt: 1,
  traceparent: '00',
  lane: 'replay',
});

/** What the topology, the agreements and the tables say should be there. */
export function expectedOf(stage: string, { isRunHere }: Pick<LookAt, 'isRunHere'>): Expected {
  return {
    stage,
    topology: topologyOf(agreements, stage),
    tables: {},
    tombstoneSeconds: null,
    attributes: { ring: Object.keys(FULL_RING), burial: ['reason', 'status', 'detail', 'attempts'] },
    bringInLine: isRunHere
      ? 'Stop npm start and start it again: it brings topic and queues in line.'
      : `npm run doorbell -- deploy --stage ${stage}`,
  };
}
