import { ProblemError } from '../../contracts/problem.ts';
import type { ShopCommand } from '../domain/decide.ts';
import type { Owner } from '../domain/shop.ts';
import { type Database, type Pool, transaction } from '../store/database.ts';
import { append, loadShop } from '../store/event-store.ts';
import { lockOwner } from '../store/owners.ts';
import { type CommandRequest, decideRequest, type Outcome } from './decide-request.ts';
import { once } from './idempotency.ts';

/** What executing a command needs. */
export type CommandDeps = { pool: Pool; newEventId: () => string };

/** 5: behind a lock a command can only lose to a registration of the same id, and that happens once. */
const TRIES = 5;

/** Executes one command in a transaction of its own, behind locks on its owner and its shop. Throws ProblemError. */
export async function executeAlone(deps: CommandDeps, request: CommandRequest): Promise<Outcome> {
  return once(deps.pool, request.idempotency, async () => {
    for (let tries = 0; tries < TRIES; tries++) {
      const outcome = await transaction(deps.pool, (database) => attempt(database, deps, request));
      if (outcome !== null) return outcome;
    }
    throw new ProblemError('unavailable', 'Too many commands on this shop at once; try again.');
  });
}

async function attempt(
  database: Database,
  { newEventId }: CommandDeps,
  request: CommandRequest,
): Promise<Outcome | null> {
  // The owner before the shop, always: whoever changes an owner locks in the same order.
  const ownerId = ownerToLookUp(request.command);
  const complete = ownerId === null ? request : withOwner(request, await lockOwner(database, ownerId));
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

/** The owner a command names and whose names must be looked up, or null. */
export function ownerToLookUp(command: ShopCommand): string | null {
  if (command.name === 'assignOwner') return command.owner?.id ?? null;
  return command.name === 'registerShop' ? (command.shop.owner?.id ?? null) : null;
}

function withOwner(request: CommandRequest, owner: Owner): CommandRequest {
  const { command } = request;
  if (command.name === 'assignOwner') return { ...request, command: { ...command, owner } };
  if (command.name === 'registerShop') return { ...request, command: { ...command, shop: { ...command.shop, owner } } };
  return request;
}
