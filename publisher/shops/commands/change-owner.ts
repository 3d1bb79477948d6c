import type { OwnerAnswer } from '../../../contracts/shops/commands.ts';
import type { Database } from '../../postgres/database.ts';
import { transaction } from '../../postgres/transaction.ts';
import { DomainError } from '../domain/domain-error.ts';
import type { Owner } from '../domain/shop.ts';
import { append, type NewReceipt, type ShopChange, type StoredShop } from '../store/event-store.ts';
import { lockShopsOf, ownerToChange, writeOwner } from '../store/owners.ts';
import { type CommandRequest, checkVersion } from './decide-request.ts';
import type { CommandDeps } from './execute-alone.ts';
import { once } from './idempotency.ts';

/** A request to register an owner or to change it. */
export type OwnerRequest = Pick<CommandRequest, 'ifMatch' | 'idempotency' | 'actor'> & { owner: Owner };

/** Result of changing an owner: the owner's version, and the number of shops that it rang. */
export type OwnerOutcome = { status: number; answer: OwnerAnswer };

/**
 * Registers an owner or changes it. The change is an event of each of the owner's open shops, in the same transaction,
 * because their ad views show it. Throws DomainError.
 */
export async function changeOwner(
  deps: CommandDeps & { onCommitted: () => void },
  request: OwnerRequest,
): Promise<OwnerOutcome> {
  const outcome = await once(deps.pool, request.idempotency, () => changeUntilDone(deps, request));
  if (outcome.answer.shops > 0) deps.onCommitted();
  return outcome;
}

/**
 * Changes an owner, with retries. A new owner has no row to lock: of two requests that register it at once, one starts
 * again.
 */
async function changeUntilDone(deps: CommandDeps, request: OwnerRequest): Promise<OwnerOutcome> {
  for (let tries = 0; tries < TRIES; tries++) {
    const outcome = await transaction(deps.pool, (database) => change(database, deps, request));
    if (outcome !== null) return outcome;
  }
  throw new DomainError('unavailable', { contended: 'owner' });
}

/** 5 tries: a request can lose only while the owner is being registered, which happens once. */
const TRIES = 5;

async function change(database: Database, deps: CommandDeps, request: OwnerRequest): Promise<OwnerOutcome | null> {
  const { owner, ifMatch, idempotency } = request;
  const stored = await ownerToChange(database, owner.id);
  checkVersion(ifMatch, stored?.version ?? 0);
  const same = stored?.name === owner.name && stored.publicName === owner.publicName;
  const version = (stored?.version ?? 0) + (same ? 0 : 1);
  if (!same && !(await writeOwner(database, { ...owner, version }))) return null;
  const shops = same ? 0 : await changeShops(database, deps, request);
  const outcome = { status: stored === null ? 201 : 200, answer: { id: owner.id, version, shops } };
  const receipts: NewReceipt[] = idempotency ? [{ ...idempotency, ...outcome, shopId: null }] : [];
  if (receipts.length > 0) await append(database, [], receipts);
  return outcome;
}

/** Changes the shops of an owner piece by piece, in one transaction; resolves to their number. */
async function changeShops(database: Database, deps: CommandDeps, request: OwnerRequest): Promise<number> {
  let count = 0;
  for await (const shops of lockShopsOf(database, request.owner.id)) {
    await append(database, changesOf(shops, deps, request), []);
    count += shops.length;
  }
  return count;
}

function changesOf(shops: readonly StoredShop[], { newEventId }: CommandDeps, request: OwnerRequest): ShopChange[] {
  const { owner, idempotency, actor } = request;
  const meta = { actor, command: 'changeOwner', ...(idempotency && { key: idempotency.key }) };
  return shops.map(({ version, shop }) => {
    const data = { from: shop.owner, to: owner };
    const event = { type: 'shop.owner-changed' as const, data, version: version + 1, eventId: newEventId(), meta };
    return { from: version, events: [event], to: { ...shop, owner } };
  });
}
