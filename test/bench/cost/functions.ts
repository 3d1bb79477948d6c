import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { consumersOf } from '../../../contracts/wire/agreement.ts';
import { buildFunctions } from '../../../localstack/infrastructure/functions/build.ts';
import { BATCH_SIZE, BATCH_WINDOW, sizes } from '../../../localstack/infrastructure/template/sizes.ts';
import { startChild } from '../children.ts';
import { environmentOf, TOKEN } from '../lambda/measure.ts';
import type { ServersOrder, ServersReport } from '../lambda/protocol.ts';
import { aligned } from '../report.ts';
import { realShops, seeded } from '../shops.ts';
import { wake } from './pollers.ts';
import { billOf, CHECK, PRICE_LIST, type Usage } from './prices.ts';
import type { WarmOrder, WarmReport } from './warm-function.ts';

/** What display's function as it is deployed took of CPU, and how many requests its source had for each invocation. */
export type Measured = { took: WarmReport['took']; looks: number };

const CONSUMERS = consumersOf(agreements).length;
/** 1,769 MB are a whole core (Lambda Developer Guide, "Configure Lambda function memory"). */
const WHOLE_CORE = 1_769;
/** Assumed, milliseconds: a look, a read and a write by TLS within a region, one after the other; the stand-ins answer at once. */
const NETWORK = 30;
/** Assumed, milliseconds: a command or a look in the publisher's function, as in docs/deploy.md's capacity model. */
const REQUEST = 20;
const GB = 1_024;

/** Runs the bundle in a process that is warm, with stand-ins for AWS and the source in another. */
export async function measureHandler(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-cost-functions-'));
  const servers = startChild<ServersOrder, ServersReport>(new URL('../lambda/servers.ts', import.meta.url), [TOKEN]);
  try {
    const [built] = await buildFunctions(folder, ['display']);
    const env = environmentOf((await servers.next('ready')).url);
    const warm = startChild<WarmOrder, WarmReport>(new URL('warm-function.ts', import.meta.url), [], {
      env,
      output: 'ignore',
    });
    const order = {
      bundle: built?.file ?? '',
      ids: [...realShops().keys()],
      sizes: [1, 5, 20, 50, BATCH_SIZE],
      rounds: 25,
    };
    warm.tell(order);
    const { took, invocations } = await warm.next('measured');
    servers.tell({ do: 'count' });
    return { took, looks: (await servers.next('count')).looks / invocations };
  } finally {
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds that are billed for a batch: CPU on the share of a core that the function has, between two measured sizes in proportion, and the network. Pure. */
export function billedFor({ took }: Pick<Measured, 'took'>, messages: number): number {
  const upper = Math.max(
    1,
    took.findIndex((each) => each.messages >= messages),
  );
  const [low, high] = [took[upper - 1], took[upper]] as [Took, Took];
  const share = (messages - low.messages) / (high.messages - low.messages);
  const cpu = low.cpu + share * (high.cpu - low.cpu);
  return Math.ceil((cpu * WHOLE_CORE) / sizes.consumer.memory + NETWORK);
}

type Took = WarmReport['took'][number];

/** Of a million changes at so many a second, none collapsed and both consumers woken: the functions' part. Pure. */
export function functionsAt(rate: number, pollers: number, measured: Measured) {
  const changes = rate * 600;
  const takes = (messages: number) => billedFor(measured, messages);
  const waking = { pollers, batch: BATCH_SIZE, window: BATCH_WINDOW * 1_000, takes };
  const woken = wake(arrivalsAt(rate, changes), waking);
  const million = (CONSUMERS * 1_000_000) / changes;
  const handlers = woken.invocations * million;
  const looks = handlers * measured.looks;
  const gateway = 1_000_000 + looks;
  const usage = {
    invocation: handlers + gateway,
    compute: (woken.milliseconds * million * sizes.consumer.memory + gateway * REQUEST * sizes.api.memory) / GB / 1_000,
    gateway,
  } satisfies Usage;
  return { rate, pollers, handlers, batch: changes / woken.invocations, looks, usage, longest: woken.longest };
}

/** As they come by chance (Poisson), always the same. */
function arrivalsAt(rate: number, count: number): number[] {
  const random = seeded(11);
  let at = 0;
  return Array.from({ length: count }, () => (at -= (Math.log(1 - random()) * 1_000) / rate));
}

/** Five to begin with, and ten that the template allows. */
const POLLERS = [5, 10];

/** What a run prints: for people a table and what to give to the other workloads, for programs a line a rate. */
export async function runFunctions(json: boolean): Promise<string> {
  const measured = await measureHandler();
  const all = [10, 100, 1_000].flatMap((rate) => POLLERS.map((pollers) => functionsAt(rate, pollers, measured)));
  if (!json) return textOf(measured, all);
  const common = { schemaVersion: 1, bench: 'cost', workload: 'functions', measured };
  return all.map((each) => JSON.stringify({ ...common, ...each, bill: billOf(each.usage, 1_000_000) })).join('\n');
}

function textOf(measured: Measured, all: readonly ReturnType<typeof functionsAt>[]): string {
  const rows = all.map(({ rate, pollers, handlers, batch, looks, usage }) => [
    `${whole(rate)}/s, ${pollers} pollers`,
    batch.toFixed(1),
    ...[handlers, looks, usage.invocation, usage.compute, usage.gateway].map(whole),
    `$${billOf(usage, 1_000_000).usd.toFixed(2)}`,
  ]);
  const head = ['a million changes', 'a batch', 'handlers', 'looks', 'invocations', 'GB-seconds', 'gateway', 'USD'];
  const took = measured.took.map(({ messages, cpu }) => [
    `${messages} rings`,
    `${cpu.toFixed(1)} ms of CPU`,
    `${billedFor(measured, messages)} ms billed`,
  ]);
  const flags = all.map(({ rate, pollers, usage }) => {
    const counts = Object.entries(usage).map(([item, count]) => `--count ${item}=${Math.round(count)}`);
    return `${whole(rate)}/s, ${pollers} pollers: ${counts.join(' ')}`;
  });
  return [
    `Run: display's bundle, warm; ${measured.looks.toFixed(2)} requests to the source an invocation`,
    aligned(took),
    `Computed: Lambda's pollers as AWS describes them, batches of ${BATCH_SIZE} or ${BATCH_WINDOW} s`,
    `Assumed: ${NETWORK} ms of network a batch, ${REQUEST} ms in the publisher's function a command or look`,
    aligned([head, ...rows]),
    flags.join('\n'),
    `Prices: ${PRICE_LIST}; ${CHECK}.`,
  ].join('\n\n');
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
