import type { Part } from '../../../consumers/part.ts';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import { shopTopologyOf } from '../shop-topology.ts';
import type { Topology } from '../topology.ts';
import { FUNCTION_VISIBILITY } from './sizes.ts';
import { STAGE } from './values.ts';

/** The parts of a template: topic and queues, the tables of the views, and the functions with their APIs. */
export const PARTS = ['messaging', 'tables', 'functions'] as const;
/** A name of a part. */
export type PartName = (typeof PARTS)[number];

/** The parts of a template, with the topology and consumers that they are made from. */
export type TemplatePlan = {
  has: (part: PartName) => boolean;
  topology: Topology;
  consumers: readonly Part[];
};

/** Plans a template. Throws an Error if functions are asked for without their queues and tables. */
export function planOf(
  parts: readonly PartName[],
  consumers: readonly Part[],
  agreements: readonly Pick<Agreement, 'name' | 'wakesOn'>[],
): TemplatePlan {
  const has = (part: PartName) => parts.includes(part);
  if (has('functions') && !(has('messaging') && has('tables')))
    throw new Error('functions need their queues and tables: choose messaging, tables and functions together');
  const forFunctions = has('functions') ? { visibilitySeconds: FUNCTION_VISIBILITY } : {};
  // The stage is a parameter of the template: every name is a text for Fn::Sub.
  return { has, consumers, topology: shopTopologyOf(STAGE, { agreements, ...forFunctions }) };
}
