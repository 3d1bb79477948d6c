import { pg } from '../../postgres/pg.ts';
import type { CommandOutcome, CommandRequest } from './decide-request.ts';
import { type CommandDeps, executeAlone, mustLookUp } from './execute-alone.ts';
import { executeTogether, type Result } from './execute-together.ts';

/** Dependencies of executing commands in groups. */
export type CommandQueueDeps = CommandDeps & {
  /** Called after a commit that appended events: the relay may read them now. */
  onCommitted: () => void;
};

/** Executes commands to shops. Throws DomainError. */
export type CommandQueue = (request: CommandRequest) => Promise<CommandOutcome>;

/**
 * 2 batches under way, with 100 commands each: while one is being committed, the next is loaded. 6 commands alone: each
 * may wait for a lock with a connection in hand, and the batches need some of the pool's ten. Up to 8 commands are not
 * split between two batches: a second commit costs more than it gains.
 */
const LIMITS = { batches: 2, least: 8, commands: 100, alone: 6 };

type Waiting = {
  request: CommandRequest;
  resolve: (outcome: CommandOutcome) => void;
  reject: (error: unknown) => void;
};

/**
 * Makes a group commit for commands. A command that comes alone is executed at once. Commands that come during a commit
 * form the next group (docs/decisions/0004-commands-in-groups.md). Commands to one shop are executed in the order of
 * their arrival.
 */
export function createCommandQueue({ onCommitted, ...deps }: CommandQueueDeps): CommandQueue {
  let waiting: Waiting[] = [];
  const busy = new Set<string>();
  let batches = 0;
  const alone = limited(LIMITS.alone);

  let isLooking = false;

  /** Waits for commands of the same arrival: alone, the first of eight made half as many commits again. */
  function pumpSoon(): void {
    if (isLooking) return;
    isLooking = true;
    setImmediate(() => {
      isLooking = false;
      pump();
    });
  }

  function pump(): void {
    while (batches < LIMITS.batches) {
      // Each free batch takes its share, so that one is loaded and decided while the other is committed.
      const batch = take(Math.max(LIMITS.least, Math.ceil(waiting.length / (LIMITS.batches - batches))));
      if (batch.length === 0) return;
      batches++;
      const names = batch.flatMap(namesOf);
      for (const name of names) busy.add(name);
      void run(batch, () => {
        batches--;
        pump();
      }).finally(() => {
        for (const name of names) busy.delete(name);
        pump();
      });
    }
  }

  /** Takes the next commands whose shop and key are free. Others, and later ones to their shops, keep their place. */
  function take(share: number): Waiting[] {
    const batch: Waiting[] = [];
    const later: Waiting[] = [];
    const taken = new Set(busy);
    const most = Math.min(share, LIMITS.commands);
    for (const each of waiting) {
      const [shop, ...key] = namesOf(each);
      const isFree = batch.length < most && !taken.has(shop) && !key.some((name) => taken.has(name));
      (isFree ? batch : later).push(each);
      for (const name of isFree ? key : [shop, ...key]) taken.add(name);
    }
    waiting = later;
    return batch;
  }

  /** Runs a batch. `onCommittedTogether` starts the next one: commands that wait alone for a lock hold up no others. */
  async function run(batch: Waiting[], onCommittedTogether: () => void): Promise<void> {
    const results = await together(batch);
    onCommittedTogether();
    if (results.some((result) => result !== 'alone' && 'outcome' in result && result.outcome.answer.events.length > 0))
      onCommitted();
    const byShop = Map.groupBy(batch.entries(), ([, { request }]) => request.shopId).values();
    await Promise.all(byShop.map((each) => concludeInOrder(each, results)));
  }

  async function concludeInOrder(batch: [number, Waiting][], results: Result[]): Promise<void> {
    for (const [n, each] of batch) await conclude(each, results[n] ?? 'alone');
  }

  async function together(batch: Waiting[]): Promise<Result[]> {
    const requests = batch.map(({ request }) => request);
    // A command that looks something up runs alone, and so do the others to its shop: none overtakes another.
    const alone = new Set(requests.flatMap(({ shopId, command }) => (mustLookUp(command) ? shopId : [])));
    const group = requests.filter(({ shopId }) => !alone.has(shopId));
    const results = await executeTogether(deps, group).catch((error) => group.map(() => afterFailure(error)));
    return requests.map(({ shopId }) => (alone.has(shopId) ? 'alone' : (results.shift() ?? 'alone')));
  }

  async function conclude({ request, resolve, reject }: Waiting, result: Result): Promise<void> {
    if (result !== 'alone') return 'outcome' in result ? resolve(result.outcome) : reject(result.refusal);
    try {
      const outcome = await alone(() => executeAlone(deps, request));
      if (outcome.answer.events.length > 0) onCommitted();
      resolve(outcome);
    } catch (error) {
      reject(error);
    }
  }

  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      pumpSoon();
    });
}

/**
 * SQLSTATE 22, 23 or 40: a value that the database can't store, a key that is taken, or a deadlock. One command of the
 * group caused it; alone, the others succeed.
 */
function afterFailure(error: unknown): Result {
  return error instanceof pg.DatabaseError && /^(22|23|40)/.test(error.code ?? '') ? 'alone' : { refusal: error };
}

/** Names that only one batch may work on: the shop, and the Idempotency-Key if there is one. */
function namesOf({ request }: Waiting): [shop: string, ...key: string[]] {
  const { shopId, idempotency } = request;
  return idempotency === null ? [`shop ${shopId}`] : [`shop ${shopId}`, `key ${idempotency.key}`];
}

/** Limits work to `most` pieces at once; the others wait for their turn. */
function limited(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (work) => {
    if (underWay >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    underWay++;
    try {
      return await work();
    } finally {
      underWay--;
      waiting.shift()?.();
    }
  };
}
