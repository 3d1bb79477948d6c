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

/** An event type, the events of it, and how many of them changed the view. */
export type TypeUse = { type: string; events: number; changed: number };

/** What a consumer makes of what it agreed on. */
export type Usage = {
  /** `display@1`. */
  agreement: string;
  /** The fields that were agreed on. */
  fields: number;
  /** Shops had them, and `project` read them in none. */
  neverRead: string[];
  /** No shop had them, so nobody knows. */
  neverSeen: string[];
  /** Types that wake it and changed its view at times. */
  awake: TypeUse[];
  /** Types that wake it and never changed its view: it fetched for nothing. */
  inVain: TypeUse[];
  /** Types it sleeps through, and that would have changed its view. */
  missed: TypeUse[];
  /** States that could not become a view, and why the first of them could not: its rings are dead letters. */
  failed: { states: number; reason: string } | null;
  /** The filter policy without the types that are in vain; null if none is, or if nothing would be left. */
  filterPolicy: { type: (string | { exists: false })[] } | null;
};

/** What is measured of one consumer: its own `project`, and what the publisher shows it. */
export type Watched = { consumer: Consumer; source: SourceDefinition };

/** Runs a consumer's `project` over every state that shops ever had, and hears what it reads and what that changes. */
export function measureUsage({ consumer, source }: Watched) {
  const { agreement } = consumer;
  const [seen, read] = [new Set<string>(), new Set<string>()];
  const types = new Map<string, TypeUse>();
  let before = { id: '', view: 'null' };
  let failed: Usage['failed'] = null;

  /** The view as it would be kept: what `project` puts into it and the schema lets in is read, too. */
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

  /** Null for a state that the consumer would put away as a dead letter: the view stays as it was. */
  function viewIfAny(id: string, shop: Shop): string | null {
    try {
      return viewOf(id, shop);
    } catch (error) {
      failed = { states: (failed?.states ?? 0) + 1, reason: failed?.reason ?? `shop ${id}: ${reasonOf(error)}` };
      return null;
    }
  }

  function add({ id, type, shop }: FoldedState): void {
    // Events that can't be folded are told by `doorbell rebuild --check`.
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
