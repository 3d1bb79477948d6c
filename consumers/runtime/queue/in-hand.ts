import type { Message } from './queue.ts';
import type { Semaphore } from './semaphore.ts';

/** The messages in our hands: received, and neither settled nor lost yet. Each of them takes a slot. */
export type InHand = {
  add: (messages: readonly Message[]) => void;
  /** A message has left. One that leaves twice frees one slot. */
  left: (message: Message) => void;
  /** Is told of each message that has left. */
  onLeft: (listener: (message: Message) => void) => void;
  all: () => ReadonlySet<Message>;
};

/** Makes empty hands. */
export function createInHand({ free }: Pick<Semaphore, 'free'>): InHand {
  const messages = new Set<Message>();
  const listeners: ((message: Message) => void)[] = [];
  return {
    add(more) {
      for (const message of more) messages.add(message);
    },
    left(message) {
      // A lease may be lost while its message is being acknowledged.
      if (!messages.delete(message)) return;
      for (const listener of listeners) listener(message);
      free(1);
    },
    onLeft: (listener) => void listeners.push(listener),
    all: () => messages,
  };
}
