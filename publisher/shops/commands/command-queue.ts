import { pg } from '../../postgres/pg.ts';
import type { CommandRequest, Outcome } from './decide-request.ts';
import { type CommandDeps, executeAlone, mustLookUp } from './execute-alone.ts';
import { executeTogether, type Result } from './execute-together.ts';

/** Dependencies of executing commands in groups. */
export type CommandQueueDeps = CommandDeps & {
  /** Called after a commit that appended events: the relay may look now. */
  onCommitted: () => void;
};

/** Executes commands to shops. Throws ProblemError. */
export type CommandQueue = (request: CommandRequest) => Promise<Outcome>;

/**
 * 2 batches under way: while one is being committed, the next is loaded; 100 commands in each. 6 commands alone: each
 * may wait for a lock with a connection in hand, and the batches need some of the pool's ten. 8 commands are not shared out among
 * two batches: a commit costs more than what is gained.
 */
const LIMITS = { batches: 2, least: 8, commands: 100, alone: 6 };

type Waiting = { request: CommandRequest; resolve: (outcome: Outcome) => void; reject: (error: unknown) => void };

/**
 * Group commit for commands: one that comes alone is executed at once; those that come while others are being
 * committed go together with the next (docs/decisions/0004-commands-in-groups.md). Commands to one shop are
 * executed in the order they came.
 */
export function createCommandQueue({ onCommitted, ...deps }: CommandQueueDeps): CommandQueue {
  let waiting: Waiting[] = [];
  const busy = new Set<string>();
  let batches = 0;
  const alone = limited(LIMITS.alone);

  let isLooking = false;

  /** Once all that arrived with a command is there, too: of eight at once the first went alone, and there were half as many commits again. */
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

  /** The next commands whose shop and key nobody is at; the others keep their place, and so does who comes after them. */
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

  /** `onCommittedTogether`: the next batch may begin; commands that go alone, behind somebody's lock, hold up nobody. */
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
    // A command that looks something up goes alone, and so do the others to its shop: none overtakes another.
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

/** 22, 23, 40: a value the database can't store, a key that is taken, a deadlock. One of the group did it; alone, the others pass. */
function afterFailure(error: unknown): Result {
  return error instanceof pg.DatabaseError && /^(22|23|40)/.test(error.code ?? '') ? 'alone' : { refusal: error };
}

/** What only one batch may be at: the shop, and the Idempotency-Key if there is one. */
function namesOf({ request }: Waiting): [shop: string, ...key: string[]] {
  const { shopId, idempotency } = request;
  return idempotency === null ? [`shop ${shopId}`] : [`shop ${shopId}`, `key ${idempotency.key}`];
}

/** Lets so many pieces of work go on at once; the others wait for their turn. */
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
