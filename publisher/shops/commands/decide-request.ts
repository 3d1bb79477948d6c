import type { CommandAnswer } from '../../../contracts/shops/commands.ts';
import { decide, type ShopCommand } from '../domain/decide.ts';
import { DomainError } from '../domain/domain-error.ts';
import { fold } from '../domain/evolve.ts';
import type { EventMeta, NewEvent, Receipt, StoredShop } from '../store/event-store.ts';

/** The HTTP answer to a command. */
export type CommandOutcome = { status: number; answer: CommandAnswer };

/** Value of `If-Match`: a version, `*` for any version, or none. */
export type IfMatch = number | '*' | null;

/** Key of a request, with the hash of its content. */
export type Idempotency = Pick<Receipt, 'key' | 'fingerprint'>;

/** A command to one shop as it arrived, with the request's headers. */
export type CommandRequest = {
  shopId: string;
  command: ShopCommand;
  ifMatch: IfMatch;
  idempotency: Idempotency | null;
  actor: string;
};

/** Result of a decision: the events, the shop after them (null: still none), and the answer. */
export type Decision = { events: NewEvent[]; after: StoredShop | null; outcome: CommandOutcome };

/** Decides one request on the current shop; null is a shop that is not registered. Throws DomainError. */
export function decideRequest(request: CommandRequest, stored: StoredShop | null, newEventId: () => string): Decision {
  const from = stored?.version ?? 0;
  checkVersion(request.ifMatch, from);
  const meta = metaOf(request);
  const events = decide(request.command, stored?.shop ?? null).map((event, n): NewEvent => {
    return { ...event, version: from + n + 1, eventId: newEventId(), meta };
  });
  const shop = fold(events, stored?.shop ?? null);
  const version = from + events.length;
  return { events, after: shop && { version, shop }, outcome: outcomeOf(request, version, events) };
}

/** Throws `version-conflict` with the current version, if it is not the requested one. */
export function checkVersion(ifMatch: IfMatch, version: number): void {
  if (ifMatch === null || ifMatch === version || (ifMatch === '*' && version > 0)) return;
  throw new DomainError('version-conflict', { expected: ifMatch, found: version });
}

function metaOf({ command, idempotency, actor }: CommandRequest): EventMeta {
  return {
    actor,
    command: command.name,
    ...(idempotency && { key: idempotency.key }),
    ...(command.name === 'rollBack' && { toVersion: command.toVersion }),
  };
}

function outcomeOf({ command, shopId }: CommandRequest, version: number, events: NewEvent[]): CommandOutcome {
  const happened = events.map(({ type, version, eventId }) => ({ type, version, eventId }));
  return { status: command.name === 'registerShop' ? 201 : 200, answer: { id: shopId, version, events: happened } };
}
