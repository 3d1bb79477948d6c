import type { Consumer } from '../define-consumer.ts';
import type { Observe } from '../queue/events.ts';
import type { Message } from '../queue/queue.ts';
import type { KnownVersions } from '../refresh/known-versions.ts';
import { type LookBrake, type LookStore, lookAtResources } from '../refresh/look.ts';
import type { Look, LookPage, SourceClient } from '../source/client.ts';
import type { ViewStore } from '../views/view-store.ts';
import type { KnownChange } from './progress.ts';

/**
 * Brings one page of all resources into the views. `next` is the id at which to go on, null at the end; `notShown` are
 * resources that the source could not show now, or whose dead letters could not be written. `again` writes views of the
 * same version, too, where they have another revision.
 */
export type Refill = (
  page: { after: string; again: boolean },
  signal: AbortSignal,
) => Promise<{ next: string | null; resources: number; notShown: KnownChange[] }>;

/** Dependencies of a refill. */
export type RefillDeps<Resource, View> = {
  consumer: Consumer<Resource, View>;
  source: Pick<SourceClient<Resource>, 'page'>;
  store: ViewStore<View>;
  known: KnownVersions;
  observe: Observe;
  brake?: LookBrake | undefined;
  /** The version of a resource up to which rings were dead-lettered; 0 where none is known. */
  buried: (id: string) => number;
  /** Looks at resources as after a ring. */
  look: (changes: readonly KnownChange[], signal: AbortSignal) => Promise<KnownChange[]>;
};

type Shown<Resource> = { id: string; look: Look<Resource> & { kind: 'found' | 'gone' } };

/**
 * Makes the refill. What a page shows is written as after a look, without another question. A resource that can't
 * become a view is looked at as after a ring, and becomes a dead letter there.
 */
export function createRefill<Resource, View>(deps: RefillDeps<Resource, View>): Refill {
  return async ({ after, again }, signal) => {
    const { resources, next } = await deps.source.page(after, signal);
    const held = await deps.store.versions(resources.map(({ id }) => id));
    const heldOf = (id: string) => held.get(id) ?? 0;
    const isNew = ({ id }: { id: string }) => deps.buried(id) <= heldOf(id);
    const isWanted = ({ id, look }: Shown<Resource>) => look.version > heldOf(id) - (again ? 1 : 0);
    const wanted = resources.filter(isShown).filter(isWanted);
    const poison = await write(wanted, again ? { ...deps, store: asEmpty(deps.store) } : deps, signal);
    const refused = resources.filter(({ look }) => look.kind === 'refused');
    const bad = [...poison, ...refused].filter(isNew).map(({ id }) => ({ id, version: heldOf(id) + 1 }));
    const back = (await deps.look(bad, signal)).filter(isNew);
    const hidden = resources.filter(({ look }) => look.kind === 'failed' || look.kind === 'behind');
    // Their versions are not known: the views may be as new.
    const notShown = [...hidden, ...back].map(({ id }) => ({ id, version: 0 }));
    return { next, resources: resources.length, notShown };
  };
}

const isShown = <Resource>(entry: LookPage<Resource>['resources'][number]): entry is Shown<Resource> =>
  entry.look.kind === 'found' || entry.look.kind === 'gone';

/** Writes what the page shows. Returns the resources that can't become a view. */
async function write<Resource, View>(
  shown: readonly Shown<Resource>[],
  deps: Omit<RefillDeps<Resource, View>, 'store'> & { store: LookStore<View> },
  signal: AbortSignal,
): Promise<Shown<Resource>[]> {
  if (shown.length === 0) return [];
  const [type = ''] = deps.consumer.agreement.wakesOn;
  const requests = shown.map(({ id, look: { version } }) => ({
    id,
    rings: [{ id, type, version, message: NO_MESSAGE }],
  }));
  const looks = new Map(shown.map(({ id, look }) => [id, look]));
  const page = {
    look: async (wants: readonly { id: string }[]) => wants.map(({ id }) => looks.get(id) as Look<Resource>),
  };
  const results = await lookAtResources(requests, { ...deps, source: page }, signal);
  return shown.filter((_, n) => results[n]?.kind === 'poison');
}

/** A store that seems to have no view: the store itself decides which rows it takes. It may be of any class. */
function asEmpty<View>(store: ViewStore<View>): LookStore<View> {
  const { refusal } = store;
  return {
    versions: async () => new Map(),
    read: (ids) => store.read(ids),
    write: (rows) => store.write(rows),
    ...(refusal && { refusal: (row) => refusal.call(store, row) }),
  };
}

/** A page is no message: nothing is settled for it. */
const NO_MESSAGE: Message = {
  messageId: '',
  receiptHandle: '',
  body: '',
  attributes: {},
  receiveCount: 1,
  sentAt: 0,
};
