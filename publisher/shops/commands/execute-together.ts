import { append, loadForCommands, type NewEvent, type NewReceipt, type StoredShop } from '../store/event-store.ts';
import { type CommandOutcome, type CommandRequest, decideRequest } from './decide-request.ts';
import type { CommandDeps } from './execute-alone.ts';
import { repeated } from './idempotency.ts';

/** Result of one request: its outcome, the reason of its refusal, or that it must be tried alone. */
export type Result = { outcome: CommandOutcome } | { refusal: unknown } | 'alone';

/** One shop within a batch: its stored state, and its state after the requests so far. */
type Draft = { stored: StoredShop | null; now: StoredShop | null; events: NewEvent[] };

/**
 * Executes many commands in two round trips and one commit. It loads all shops, decides each request in turn, and
 * appends everything at once. Returns one result per request, in order. If another transaction changes or locks a shop
 * meanwhile, the requests to that shop must be tried alone, and the others succeed.
 */
export async function executeTogether(
  { pool, newEventId }: CommandDeps,
  requests: readonly CommandRequest[],
): Promise<Result[]> {
  if (requests.length === 0) return [];
  const keys = requests.flatMap(({ idempotency }) => idempotency?.key ?? []);
  const { shops, receipts } = await loadForCommands(pool, [...new Set(requests.map(({ shopId }) => shopId))], keys);
  const drafts = new Map<string, Draft>();
  const notes: NewReceipt[] = [];

  function decideOne(request: CommandRequest): Result {
    const { shopId, idempotency } = request;
    const receipt = idempotency && receipts.get(idempotency.key);
    if (idempotency && receipt) return { outcome: repeated(idempotency, receipt) };
    const stored = shops.get(shopId) ?? null;
    const draft = drafts.get(shopId) ?? { stored, now: stored, events: [] };
    const { events, after, outcome } = decideRequest(request, draft.now, newEventId);
    drafts.set(shopId, { stored, now: after, events: [...draft.events, ...events] });
    if (idempotency)
      notes.push({ ...idempotency, ...outcome, shopId: events.length > 0 || draft.events.length > 0 ? shopId : null });
    return { outcome };
  }

  const results = requests.map((request) => refusable(() => decideOne(request)));
  const changes = [...drafts.values()].flatMap(({ stored, now, events }) =>
    now !== null && events.length > 0 ? [{ from: stored?.version ?? 0, events, to: now.shop }] : [],
  );
  if (changes.length === 0 && notes.length === 0) return results;
  const changed = await append(pool, changes, notes);
  const lost = new Set(changes.map(({ to }) => to.id).filter((id) => !changed.has(id)));
  // The shop was not changed after all, so a refusal may be based on events that were never stored: it is decided
  // again, too.
  return results.map((result, n) => (lost.has(requests[n]?.shopId ?? '') ? 'alone' : result));
}

function refusable(work: () => Result): Result {
  try {
    return work();
  } catch (refusal) {
    return { refusal };
  }
}
