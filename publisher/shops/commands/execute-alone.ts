import type { Database, Pool } from '../../postgres/database.ts';
import { transaction } from '../../postgres/transaction.ts';
import type { ShopCommand } from '../domain/decide.ts';
import { DomainError } from '../domain/domain-error.ts';
import type { Owner, Shop } from '../domain/shop.ts';
import { shopAtVersion } from '../store/as-of.ts';
import { append, loadShop } from '../store/event-store.ts';
import { lockOwner } from '../store/owners.ts';
import { type CommandOutcome, type CommandRequest, decideRequest } from './decide-request.ts';
import { once } from './idempotency.ts';

/** Dependencies of executing a command. */
export type CommandDeps = { pool: Pool; newEventId: () => string };

/** 5 tries: behind a lock a command can only lose to a registration of the same id, which happens once. */
const TRIES = 5;

/** Executes one command in its own transaction, behind locks on its owner and its shop. Throws DomainError. */
export async function executeAlone(deps: CommandDeps, request: CommandRequest): Promise<CommandOutcome> {
  return once(deps.pool, request.idempotency, async () => {
    for (let tries = 0; tries < TRIES; tries++) {
      const outcome = await transaction(deps.pool, (database) => attempt(database, deps, request));
      if (outcome !== null) return outcome;
    }
    throw new DomainError('unavailable', { contended: 'shop' });
  });
}

async function attempt(
  database: Database,
  { newEventId }: CommandDeps,
  request: CommandRequest,
): Promise<CommandOutcome | null> {
  // Lock the owner before the shop, always: a change of the owner locks in the same order.
  const complete = { ...request, command: await lookUp(database, request) };

  const stored = await loadShop(database, request.shopId, true);
  const { events, after, outcome } = decideRequest(complete, stored, newEventId);
  const changes = events.length > 0 && after !== null ? [{ from: stored?.version ?? 0, events, to: after.shop }] : [];
  const shopId = changes.length > 0 ? request.shopId : null;
  const changed = await append(
    database,
    changes,
    request.idempotency ? [{ ...request.idempotency, ...outcome, shopId }] : [],
  );
  return changes.length === changed.size ? outcome : null;
}

/**
 * True if a command names an owner or a past state that must be looked up: it can't be decided together with others.
 */
export function mustLookUp(command: ShopCommand): boolean {
  if (command.name === 'assignOwner') return command.owner !== null;
  return command.name === 'rollBack' || (command.name === 'registerShop' && command.shop.owner !== null);
}

/** Completes a command with the data that it names. An owner has its current names, even in a past state. */
async function lookUp(database: Database, { command, shopId }: CommandRequest): Promise<ShopCommand> {
  const ownerOf = (owner: Owner | null) => owner && lockOwner(database, owner.id);
  if (command.name === 'assignOwner') return { ...command, owner: await ownerOf(command.owner) };
  if (command.name === 'registerShop') return { ...command, shop: await withOwner(command.shop, ownerOf) };
  if (command.name !== 'rollBack') return command;
  if ((await loadShop(database, shopId)) === null) return command;
  const { shop } = await shopAtVersion(database, shopId, command.toVersion);
  return { ...command, past: await withOwner(shop, ownerOf) };
}

async function withOwner(shop: Shop, ownerOf: (owner: Owner | null) => Promise<Owner> | null): Promise<Shop> {
  return { ...shop, owner: await ownerOf(shop.owner) };
}
