import * as z from 'zod/mini';
import type { Consumer } from '../../../consumers/runtime/define-consumer.ts';
import { agreedSchema } from '../../../contracts/compare/agreed-schema.ts';
import { agreementId } from '../../../contracts/compare/compare-agreements.ts';
import { firstIssue } from '../../../contracts/wire/issues.ts';
import type { Shop } from '../../../publisher/shops/domain/shop.ts';
import type { FoldedState } from '../../../publisher/shops/rebuild/fold-events.ts';
import type { SourceDefinition } from '../../../publisher/shops/sources/all.ts';
import { agreedView } from '../../../publisher/source-api/agreed-view.ts';
import { topologyOf } from '../../infrastructure/topology.ts';
import { fieldsOf, fieldsOfSchema, lacking, recorded } from './fields.ts';

/** An event type, its number of events, and how many of them changed the view. */
export type TypeUse = { type: string; events: number; changed: number };

/** How a consumer uses its agreement. */
export type Usage = {
  /** Name and version, such as `display@1`. */
  agreement: string;
  /** The number of agreed fields. */
  fields: number;
  /** Fields that shops had and `project` never read. */
  neverRead: string[];
  /** Fields that no shop had, so that their use is unknown. */
  neverSeen: string[];
  /** Types that wake it and changed its view at least once. */
  awake: TypeUse[];
  /** Types that wake it and never changed its view: each fetch was in vain. */
  inVain: TypeUse[];
  /** Types that do not wake it, but would have changed its view. */
  missed: TypeUse[];
  /** States that could not become a view, with the reason of the first. Their rings are dead letters. */
  failed: { states: number; reason: string } | null;
  /** The filter policy without the types in vain; null if there are none, or if no type would be left. */
  filterPolicy: { type: (string | { exists: false })[] } | null;
};

/** A consumer to measure, with the source that the publisher has for it. */
export type Watched = { consumer: Consumer; source: SourceDefinition };

/** Runs `project` of a consumer over every state that shops ever had, and records what it reads and changes. */
export function measureUsage({ consumer, source }: Watched) {
  const { agreement } = consumer;
  const [seen, read] = [new Set<string>(), new Set<string>()];
  const types = new Map<string, TypeUse>();
  let before = { id: '', view: 'null' };
  let failed: Usage['failed'] = null;

  /** Makes the view as it would be stored. Fields that `project` copies and the schema accepts count as read. */
  function viewOf(id: string, shop: Shop): string {
    if (shop.openness === 'closed') return 'null';
    const agreed = agreedView(agreement, id, source.select(shop));
    for (const field of fieldsOf(agreed)) seen.add(field);
    const view = consumer.project(
      recorded(agreed, (field) => void read.add(field)),
      id,
    );
    return JSON.stringify(z.parse(consumer.view, view));
  }

  /** Makes the view, or null for a state that the consumer would bury: its view stays as it was. */
  function viewIfAny(id: string, shop: Shop): string | null {
    try {
      return viewOf(id, shop);
    } catch (error) {
      failed = { states: (failed?.states ?? 0) + 1, reason: failed?.reason ?? `shop ${id}: ${reasonOf(error)}` };
      return null;
    }
  }

  function add({ id, type, shop }: FoldedState): void {
    // Events that can't be folded are reported by `doorbell rebuild --check`.
    if (shop === null) return;
    const view = viewIfAny(id, shop) ?? (before.id === id ? before.view : 'null');
    const use = types.get(type) ?? { type, events: 0, changed: 0 };
    const isChanged = view !== (before.id === id ? before.view : 'null');
    types.set(type, { type, events: use.events + 1, changed: use.changed + (isChanged ? 1 : 0) });
    before = { id, view };
  }

  return {
    add,
    usage(): Usage {
      const schema = agreedSchema(agreement.resource);
      const fields = fieldsOfSchema({ schema, root: schema });
      const uses = [...types.values()].toSorted((a, b) => b.events - a.events);
      const wakes = uses.filter(({ type }) => agreement.wakesOn.includes(type));
      const inVain = wakes.filter(({ changed }) => changed === 0);
      return {
        agreement: agreementId(agreement),
        fields: fields.length,
        neverRead: lacking(seen, read),
        neverSeen: lacking(fields, seen),
        awake: wakes.filter(({ changed }) => changed > 0),
        inVain,
        missed: uses.filter(({ type, changed }) => changed > 0 && !agreement.wakesOn.includes(type)),
        failed,
        filterPolicy: policyWithout(agreement, inVain),
      };
    },
  };
}

const reasonOf = (error: unknown) =>
  error instanceof z.core.$ZodError ? firstIssue(error) : error instanceof Error ? error.message : String(error);

function policyWithout({ name, wakesOn }: { name: string; wakesOn: readonly string[] }, inVain: readonly TypeUse[]) {
  const rest = wakesOn.filter((type) => !inVain.some((use) => use.type === type));
  if (inVain.length === 0 || rest.length === 0) return null;
  return topologyOf([{ name, wakesOn: rest }]).consumers[0]?.filterPolicy ?? null;
}
