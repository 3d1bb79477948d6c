import type { Part } from '../../../consumers/part.ts';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import { type Topology, topologyOf } from '../topology.ts';
import { FUNCTION_VISIBILITY } from './sizes.ts';
import { STAGE } from './values.ts';

/** What a template can hold: topic and queues; the tables of the views; the functions and their APIs. */
export const PARTS = ['messaging', 'tables', 'functions'] as const;
export type PartName = (typeof PARTS)[number];

/** What the parts of a template are made from. */
export type TemplatePlan = {
  has: (part: PartName) => boolean;
  topology: Topology;
  consumers: readonly Part[];
};

/** Decides what the template holds. Throws Error where a part misses what it stands on. */
export function planOf(
  parts: readonly PartName[],
  consumers: readonly Part[],
  agreements: readonly Pick<Agreement, 'name' | 'wakesOn'>[],
): TemplatePlan {
  const has = (part: PartName) => parts.includes(part);
  if (has('functions') && !(has('messaging') && has('tables')))
    throw new Error('functions need their queues and tables: ask for messaging, tables and functions together');
  const visibility = has('functions') ? FUNCTION_VISIBILITY : undefined;
  // The stage is a parameter of the template: every name is a text for Fn::Sub.
  return { has, consumers, topology: topologyOf(agreements, STAGE, visibility) };
}
