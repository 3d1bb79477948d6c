/** What `doorbell/provision` exports: topic, queues and policies of any agreements, made or as a template. */
export { cloudFormationOf, type MessagingTemplate } from './cloudformation.ts';
export { type BrokerClient, type Provisioned, provision } from './provision.ts';
export {
  type ConsumerPlace,
  type QueueSpec,
  type Topology,
  type TopologyOptions,
  type TopologyTerms,
  topologyOf,
} from './topology.ts';
