import { createHash } from 'node:crypto';
import type { ImportPlan } from './plan.ts';
import type { PlannedCommand, ShopPlan } from './planned.ts';

/** The answer to one command. */
export type CommandReply = { status: number; version: number; events: { type: string }[]; detail: string };

/** Sends one command to the command API. Throws if there is no answer, which ends the import. */
export type SendCommand = (command: PlannedCommand, headers: Record<string, string>) => Promise<CommandReply>;

/** The counts of an import. */
export type ImportResult = {
  registered: number;
  closed: number;
  changed: number;
  /** Shops whose commands made no event, because they already had the wanted state. */
  unchanged: number;
  commands: number;
  /** The number of events by type. */
  events: Record<string, number>;
  failed: { id: string; command: PlannedCommand; reason: string }[];
  /** The reason why the import ended early; null if it did not. */
  stopped: Error | null;
};

/** Options and callbacks for running a plan. */
export type RunOptions = {
  send: SendCommand;
  /** The name of the import. It is part of the idempotency key, so that a repeated command has one effect. */
  name: string;
  onProgress: (done: number, of: number) => void;
  signal: AbortSignal;
};

/** 200 shops at once: the publisher commits commands in groups of a hundred, and so has two groups at hand. */
const AT_ONCE = 200;

/**
 * Sends the commands of a plan, for several shops at once, and in order for each shop. A refused command does not
 * stop other shops. A publisher that does not answer stops all, and `stopped` has the reason.
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

/** Sends a command once. If-Match protects changes since the comparison; the key makes a repetition harmless. */
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
