import { sqsEvent } from '../../support/aws-events.ts';

/** A warm sandbox: invokes a bundle again and again with rings of shops that it hasn't seen, and says what each took of CPU. */
export type WarmOrder = { bundle: string; ids: readonly string[]; sizes: readonly number[]; rounds: number };

/** Medians in milliseconds of CPU for events of so many messages. */
export type WarmReport = { kind: 'measured'; invocations: number; took: { messages: number; cpu: number }[] };

type Handler = (event: unknown, context: { getRemainingTimeInMillis: () => number }) => Promise<Answer>;
type Answer = { batchItemFailures: unknown[] };

process.once('message', async ({ bundle, ids, sizes, rounds }: WarmOrder) => {
  const { handler } = (await import(bundle)) as { handler: Handler };
  const left = [...ids];
  let invocations = 0;

  async function once(messages: number): Promise<number> {
    const event = sqsEvent(...left.splice(0, messages).map((id) => ({ id, version: 7 })));
    const before = process.cpuUsage();
    const { batchItemFailures } = await handler(event, { getRemainingTimeInMillis: () => 15_000 });
    const { user, system } = process.cpuUsage(before);
    if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} of ${messages} rings failed`);
    invocations++;
    return (user + system) / 1_000;
  }

  // What is compiled at the first ones is no matter for the thousandth.
  for (let n = 0; n < rounds; n++) await once(20);
  const took: WarmReport['took'] = [];
  for (const messages of sizes) {
    const each: number[] = [];
    for (let n = 0; n < rounds; n++) each.push(await once(messages));
    took.push({ messages, cpu: each.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0 });
  }
  process.send?.({ kind: 'measured', invocations, took } satisfies WarmReport, () => process.disconnect());
});
