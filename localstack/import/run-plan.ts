import { createHash } from 'node:crypto';
import type { ImportPlan } from './plan.ts';
import type { PlannedCommand, ShopPlan } from './planned.ts';

export type CommandReply = { status: number; version: number; events: { type: string }[]; detail: string };

/** Sends one command to the command API. Throws when there is no answer: then nothing further is tried. */
export type SendCommand = (command: PlannedCommand, headers: Record<string, string>) => Promise<CommandReply>;

export type ImportResult = {
  registered: number;
  closed: number;
  changed: number;
  /** Shops whose commands made no event: what was wanted was there already. */
  unchanged: number;
  commands: number;
  /** Events that happened, by type. */
  events: Record<string, number>;
  failed: { id: string; command: PlannedCommand; reason: string }[];
  /** Why it ended before the plan did; null if it didn't. */
  stopped: Error | null;
};

export type RunOptions = {
  send: SendCommand;
  /** Tells one import from another, so that a command that is sent again after a lost answer happens once. */
  name: string;
  onProgress: (done: number, of: number) => void;
  signal: AbortSignal;
};

/** 200 shops at once: the publisher commits commands that come together, a hundred at a time, in two groups. */
const AT_ONCE = 200;

/**
 * Issues the commands of a plan, several shops at once, each shop's in order. A shop that is refused doesn't stop the
 * others; a publisher that is away stops all, and `stopped` says why.
 */
export async function runPlan(plan: Pick<ImportPlan, 'shops'>, options: RunOptions): Promise<ImportResult> {
  const result: ImportResult = {
    registered: 0,
    closed: 0,
    changed: 0,
    unchanged: 0,
    commands: 0,
    events: {},
    failed: [],
    stopped: null,
  };
  const queue = plan.shops.values();
  let done = 0;
  const work = async () => {
    for (const shop of queue) {
      if (options.signal.aborted || result.stopped !== null) return;
      await runShop(shop, options, result);
      options.onProgress(++done, plan.shops.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return result;
}

const COUNTER = { register: 'registered', close: 'closed', change: 'changed' } as const;

async function runShop(shop: ShopPlan, options: RunOptions, result: ImportResult): Promise<void> {
  let { version } = shop;
  let events = 0;
  for (const [n, command] of shop.commands.entries()) {
    const reply = await sendOnce(command, version, `${shop.id} ${shop.version} ${n}`, options).catch((error: Error) => {
      result.stopped ??= error;
      return null;
    });
    if (reply === null) return;
    result.commands++;
    if (reply.status >= 300) {
      result.failed.push({ id: shop.id, command, reason: `${reply.status}: ${reply.detail}` });
      return;
    }
    version = reply.version;
    events += reply.events.length;
    for (const { type } of reply.events) result.events[type] = (result.events[type] ?? 0) + 1;
  }
  result[shop.kind === 'change' && events === 0 ? 'unchanged' : COUNTER[shop.kind]]++;
}

/** If-Match: what somebody changed since the comparison is not overwritten. The key: a lost answer is no second command. */
async function sendOnce(
  command: PlannedCommand,
  version: number,
  step: string,
  { send, name }: RunOptions,
): Promise<CommandReply> {
  const key = createHash('sha256')
    .update(`${name} ${step} ${JSON.stringify(command)}`)
    .digest('hex');
  const headers = { 'idempotency-key': `import-${key}`, ...(version > 0 && { 'if-match': `"${version}"` }) };
  return send(command, headers);
}
