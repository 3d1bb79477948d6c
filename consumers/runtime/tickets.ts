import type { Ring } from './inbox.ts';
import type { Message } from './queue.ts';

/** The rings in hand for one shop. `waiting` for the next look, `looking` during one. */
export type Ticket = {
  readonly id: string;
  waiting: Ring[];
  looking: Ring[];
  staleTries: number;
  place: 'gathering' | 'ready' | 'looking' | 'resting';
};

/** The tickets of all shops in hand; those that are ready stand in line. */
export type Tickets = {
  /** Adds a ring to its shop's ticket, and gives the ticket back if it is a new one. */
  add: (ring: Ring) => Ticket | null;
  /** Puts a ticket at the end of the line. */
  ready: (ticket: Ticket) => void;
  inLine: () => number;
  /** Takes the first of the line: what waited is looked for now. */
  next: (most: number) => Ticket[];
  forget: (ticket: Ticket) => void;
  /** Takes a message out of its ticket, wherever it is; gives back the ticket it was in. */
  remove: (message: Message) => Ticket | null;
  all: () => Ticket[];
};

/** Makes an empty book of tickets. */
export function createTickets(): Tickets {
  const tickets = new Map<string, Ticket>();
  let line: Ticket[] = [];

  return {
    add(ring) {
      const known = tickets.get(ring.id);
      if (known !== undefined) {
        known.waiting.push(ring);
        return null;
      }
      const fresh: Ticket = { id: ring.id, waiting: [ring], looking: [], staleTries: 0, place: 'gathering' };
      tickets.set(ring.id, fresh);
      return fresh;
    },
    ready(ticket) {
      ticket.place = 'ready';
      line.push(ticket);
    },
    inLine: () => line.length,
    next(most) {
      const group = line.splice(0, most);
      for (const ticket of group) {
        ticket.place = 'looking';
        ticket.looking = ticket.waiting;
        ticket.waiting = [];
      }
      return group;
    },
    forget(ticket) {
      tickets.delete(ticket.id);
      if (ticket.place === 'ready') line = line.filter((each) => each !== ticket);
      // Whatever still has a timer for it finds that it is over.
      ticket.place = 'looking';
    },
    remove({ receiptHandle }) {
      for (const ticket of tickets.values())
        for (const rings of [ticket.waiting, ticket.looking]) {
          const place = rings.findIndex(({ message }) => message.receiptHandle === receiptHandle);
          if (place >= 0) rings.splice(place, 1);
          if (place >= 0) return ticket;
        }
      return null;
    },
    all: () => [...tickets.values()],
  };
}
