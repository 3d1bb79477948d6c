import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { printed } from '../support/dev-process.ts';
import { untilEqual } from '../support/equal.ts';
import { importShops } from '../support/import-shops.ts';
import { type Process, production, sourceTokenOf } from '../support/production.ts';
import { deployStack } from '../support/stack.ts';
import { until } from '../support/wait.ts';

const NAMES = ['display', 'ad'];

/** Seconds. Short, so that what a killed worker had in hand comes soon to the next. */
const VISIBILITY = '5';

/** Of the ids, which end in hex digits: all 12,789 rows would keep LocalStack busy for minutes. */
const QUARTER = /[048c]$/;

/** Topic and queues as the template makes them; two publishers, of which the second relays only if the first can't, and a worker for each consumer. */
async function world() {
  const { client, places, startPublisher, startConsumer, viewsOf } = await production({ deploy: deployStack });
  const sqs = new SQSClient(client);
  onTestFinished(() => sqs.destroy());
  for (const { queueUrl: QueueUrl } of Object.values(places))
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: VISIBILITY } }));
  const leader = await startPublisher();
  await printed(leader, '"leading"');
  const standby = await startPublisher();
  const workers = await Promise.all(NAMES.map((name) => startConsumer(name, standby.url)));
  const bring = (snapshot: Parameters<typeof importShops>[1]) => importShops(standby.url, snapshot, QUARTER);
  /** Waits until a worker has written so many views. */
  const untilApplied = ({ url }: Process, views: number) =>
    until(async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return Number(/^doorbell_settled_total\{outcome="applied".* (\d+)$/m.exec(metrics)?.[1] ?? 0) >= views;
    });
  const inHand = async (name: string) => {
    const { queueUrl: QueueUrl } = places[name] ?? {};
    const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessagesNotVisible'] });
    const { Attributes } = await sqs.send(ask);
    return Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
  };
  const equal = (name: string) =>
    untilEqual({ name, views: viewsOf(name), sourceUrl: standby.url, token: sourceTokenOf(name) });
  return { leader, standby, workers, startConsumer, bring, untilApplied, inHand, equal };
}

const killed = async ({ child, ended }: Process) => {
  child.kill('SIGKILL');
  await ended;
};

const stopped = async ({ child, ended }: Process) => {
  child.kill('SIGTERM');
  return (await ended).code;
};

test('on the queues of the template none of three years of changes is lost, though a worker and the leading relay are killed in the middle', async () => {
  const { leader, standby, workers, startConsumer, bring, untilApplied, inHand, equal } = await world();
  const [display, ad] = workers as [Process, Process];

  const registering = bring('shops-2021-03.csv');
  await untilApplied(display, 200);
  await killed(display);
  expect(await inHand('display')).toBeGreaterThan(0);
  const successor = await startConsumer('display', standby.url);
  const { registered: first } = await registering;
  expect(first).toBeGreaterThan(1_000);
  for (const name of NAMES) expect(await equal(name)).toEqual({ shops: first, tombstones: 0 });

  const changing = bring('shops-2024-02.csv');
  await untilApplied(ad, 1_600);
  expect(standby.output()).not.toContain('"leading"');
  await killed(leader);
  await printed(standby, '"leading"');
  const { registered, closed } = await changing;
  for (const name of NAMES) expect(await equal(name)).toEqual({ shops: first + registered, tombstones: closed });
  expect(closed).toBeGreaterThan(500);

  expect(await Promise.all([successor, ad, standby].map(stopped))).toEqual([0, 0, 0]);
});
