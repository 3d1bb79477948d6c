import { agreements as all } from '../../contracts/shops/agreements/all.ts';
import { type Topology, type TopologyTerms, topologyOf } from './topology.ts';

/** Derives the topology of the shops, whose topic is called `STAGE-shops`. */
export function shopTopologyOf(
  stage = 'doorbell',
  { agreements = all, visibilitySeconds }: { agreements?: readonly TopologyTerms[]; visibilitySeconds?: number } = {},
): Topology {
  return topologyOf(agreements, stage, { topic: `${stage}-shops`, visibilitySeconds });
}
