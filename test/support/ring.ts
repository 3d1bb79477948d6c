import type { Ring } from '../../publisher/relay/ring.ts';

/** A ring at a place in the event table. */
export const ring = (position: number, id = 'shop_1', type = 'shop.opened', version = position): Ring => ({
  position,
  id,
  type,
  version,
  eventId: `event-${position}`,
  occurredAt: 0,
});
