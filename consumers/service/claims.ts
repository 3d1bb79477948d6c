const held = new Map<unknown, string>();

/**
 * Takes things that only one consumer of this process may use: the file or store of its views, and its queue. Throws a
 * TypeError with the name of the consumer that has one already. The returned function gives them back.
 */
export function claim(consumer: string, things: readonly { option: string; thing: unknown; why: string }[]) {
  for (const { option, thing, why } of things) {
    const owner = held.get(thing);
    if (owner !== undefined)
      throw new TypeError(`startConsumer: ${option} is used by consumer "${owner}" in this process already; ${why}`);
  }
  for (const { thing } of things) held.set(thing, consumer);
  return () => {
    for (const { thing } of things) held.delete(thing);
  };
}
