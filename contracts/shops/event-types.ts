/**
 * Events of a shop: facts in the past tense, never removed and never renamed, because queues may hold them for 14 days.
 */
export const eventTypes = [
  'shop.registered',
  'shop.details-changed',
  'shop.hours-changed',
  'shop.opened',
  'shop.paused',
  'shop.menu-item-added',
  'shop.menu-item-changed',
  'shop.menu-item-price-changed',
  'shop.menu-item-removed',
  'shop.owner-changed',
  'shop.closed',
] as const;

/** One of the facts above; also the `type` of the notification it causes. */
export type EventType = (typeof eventTypes)[number];

/**
 * Lists every event type except the named ones, for an agreement that names the types that do not wake its consumer.
 */
export function allBut<const Asleep extends EventType>(...asleep: Asleep[]): Exclude<EventType, Asleep>[] {
  const sleeps = new Set<EventType>(asleep);
  return eventTypes.filter((type): type is Exclude<EventType, Asleep> => !sleeps.has(type));
}
