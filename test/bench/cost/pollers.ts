/** What a function is woken by: `window` is milliseconds, `takes` how long it has a batch of so many messages. */
export type Waking = { pollers: number; batch: number; window: number; takes: (messages: number) => number };

/** What it comes to: how many invocations, of all together how many milliseconds, and how long the longest message waited. */
export type Woken = { invocations: number; milliseconds: number; longest: number };

/** One poller: gathers from `opened` on, what came at these times. */
type Poller = { opened: number; gathered: number[] };

/**
 * Computed, not run: Lambda's pollers of a queue as AWS describes them (Lambda Developer Guide, "Configuring scaling
 * behavior for SQS event source mappings" and "Batching behavior"). Five batches at a time to begin with, and never fewer
 * where there is a maximum concurrency; a batch goes when it is full or its window is over; the next window opens when
 * the function has answered. That each gathers by itself, and that a message goes to whoever waits longest, is assumed.
 * Of a batch of none there is no invocation. Arrivals are milliseconds, in order.
 */
export function wake(arrivals: readonly number[], { pollers: count, batch, window, takes }: Waking): Woken {
  const waiting: number[] = [];
  const woken: Woken = { invocations: 0, milliseconds: 0, longest: 0 };
  let handed = 0;
  let pollers: Poller[] = Array.from({ length: count }, () => ({ opened: 0, gathered: [] }));

  function invoke(poller: Poller, at: number): void {
    const milliseconds = takes(poller.gathered.length);
    handed += poller.gathered.length;
    woken.invocations++;
    woken.milliseconds += milliseconds;
    woken.longest = Math.max(woken.longest, at - (poller.gathered[0] as number));
    poller.opened = at + milliseconds;
    poller.gathered = [];
  }

  /** Does what is due first before a time; false if nothing is. */
  function step(poller: Poller, now: number): boolean {
    if (poller.opened > now) return false;
    poller.gathered.push(...waiting.splice(0, batch - poller.gathered.length));
    const isFull = poller.gathered.length === batch;
    const end = isFull ? Math.max(poller.opened, poller.gathered.at(-1) ?? 0) : poller.opened + window;
    if (end > now) return false;
    if (poller.gathered.length > 0) invoke(poller, end);
    else poller.opened = end;
    return true;
  }

  function until(now: number): void {
    for (const poller of pollers) while (step(poller, now));
  }

  for (const arrival of arrivals) {
    until(arrival);
    const next = pollers.find(({ opened }) => opened <= arrival);
    if (next === undefined) waiting.push(arrival);
    else {
      next.gathered.push(arrival);
      pollers = [...pollers.filter((poller) => poller !== next), next];
    }
  }
  for (let now = arrivals.at(-1) ?? 0; handed < arrivals.length; now += window) until(now);
  return woken;
}
