import { expect, test } from 'vitest';
import { METRIC_NAMESPACE } from '../../contracts/environment/metrics.ts';
import { relayFunction } from '../../publisher/lambda.ts';
import { RelayRefusal } from '../../publisher/relay/relay.ts';
import type { Ring } from '../../publisher/relay/ring.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { lambdaContext, secretArn } from '../support/aws-events.ts';
import { common, publisherFunctions as world } from '../support/publisher-functions.ts';
import { silentNetwork } from '../support/silent-network.ts';
import { until } from '../support/wait.ts';

/** Twenty times as fast: 15 seconds are less than one. */
const faster = { ...systemClock, sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / 20, signal) };

const environment = { ...common, DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:test-shops' };
/** So many milliseconds before 8 s of its remaining time are left no step begins any more. */
const shiftOf = (ms: number) => lambdaContext(8_000 + ms);

test('a shift hands over to the next one without a gap, and without ringing twice', async () => {
  const { outside, rung, insert } = await world();
  await insert('shop_first');
  const first = relayFunction({ ...outside, environment })({}, shiftOf(1_000));
  await until(() => rung.length > 0);
  const second = relayFunction({ ...outside, environment })({}, shiftOf(2_000));
  const inserted: string[] = [];
  let isFirstOver = false;
  void first.then(() => {
    isFirstOver = true;
  });
  for (let after = 0; after < 20; after += isFirstOver ? 1 : 0) {
    inserted.push(`shop_${inserted.length}`);
    await insert(inserted.at(-1) ?? '');
  }
  await until(() => rung.some(({ id }) => id === inserted.at(-1)));
  expect([(await first).led, (await second).led]).toEqual([true, true]);
  expect(rung.map(({ id }) => id).toSorted()).toEqual(['shop_first', ...inserted].toSorted());
  expect((await first).rung + (await second).rung).toBe(rung.length);
});

/** 1.5 s: on a busy machine a relay has the lead after some hundred milliseconds, and not before. */
const SHORT = 1_500;

test('a shift ends its step before it ends its shift', async () => {
  const { outside, rung, insert, onPublish } = await world();
  // 200: more than all channels take at once.
  const ids = Array.from({ length: 200 }, (_, n) => `shop_${n}`);
  for (const id of ids) await insert(id);
  const shift = relayFunction({ ...outside, environment });
  let isOver = false;
  // SNS answers only when no step may begin any more.
  onPublish(async (rings) => {
    rung.push(...rings);
    await until(() => isOver);
    return rings.map(() => ({ accepted: true }));
  });
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal: AbortSignal) =>
      systemClock.sleep(ms, signal).then(() => {
        isOver ||= ms === SHORT;
      }),
  };
  const slow = relayFunction({ ...outside, environment, clock });
  expect(await slow({}, shiftOf(SHORT))).toEqual({ led: true, rung: 200 });
  expect(await shift({}, shiftOf(SHORT))).toEqual({ led: true, rung: 0 });
  expect(rung.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

test('a shift gives up a step that SNS never answers, in time, and the next one rings it', async () => {
  const { outside, rung, insert, onPublish } = await world();
  await insert('shop_stuck');
  const accept = (rings: Ring[]) => {
    rung.push(...rings);
    return rings.map(() => ({ accepted: true as const }));
  };
  onPublish(
    (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  expect(await relayFunction({ ...outside, environment, clock: faster })({}, lambdaContext(15_000))).toEqual({
    led: true,
    rung: 0,
  });
  onPublish(async (rings) => accept(rings));
  expect(await relayFunction({ ...outside, environment })({}, shiftOf(SHORT))).toEqual({ led: true, rung: 1 });
  expect(rung.map(({ id }) => id)).toEqual(['shop_stuck']);
});

test('a shift ends in time, and says so, when its database falls silent in mid-work', async () => {
  const { outside, secrets, url, rung, insert, lines } = await world();
  const network = await silentNetwork(url);
  secrets.set(secretArn('database'), network.url);
  await insert('shop_a');
  const shift = relayFunction({ ...outside, environment, clock: faster })({}, lambdaContext(40_000));
  await until(() => rung.length > 0);
  network.fallSilent();
  expect(await shift).toMatchObject({ led: true });
  expect(lines.at(-1)).toContain('did not answer before the shift had to end');
});

test('a shift tells CloudWatch how old the oldest event is that nobody rang', async () => {
  const { outside, insert, admin, lines, onPublish } = await world();
  const lags = () =>
    lines.flatMap((line) => {
      const { _aws, Stage, RelayLag } = JSON.parse(line);
      return _aws?.CloudWatchMetrics[0].Namespace === METRIC_NAMESPACE ? [[Stage, RelayLag]] : [];
    });
  const shift = relayFunction({ ...outside, environment, clock: faster });
  await shift({}, shiftOf(1_000));
  expect(lags()).toEqual([['test', 0]]);
  await admin.query('set session_replication_role = replica');
  await insert('shop_late');
  await admin.query(`update shop_events set at = at - interval '1 hour'`);
  onPublish(async (rings) => rings.map(() => ({ accepted: false, retryable: true, reason: 'staged' })));
  await shift({}, shiftOf(4_000));
  expect(lags()[1]?.[1]).toBeGreaterThan(3_599);
});

test('a shift fails where a person must decide', async () => {
  const { outside, pool } = await world();
  await shopLog(pool).moveCheckpoint('position', await shopLog(pool).raiseEpoch('position'), 7);
  expect(await shopLog(pool).last()).toBe(0);
  await expect(relayFunction({ ...outside, environment })({}, shiftOf(1_000))).rejects.toThrow(RelayRefusal);
});

test('a shift reads its secret again when the database refuses it', async () => {
  const { outside, secrets, reads, url, rung, insert } = await world();
  await insert('shop_a');
  secrets.set(secretArn('database'), url.replace(/:[^:@]+@/, ':wrong@'));
  const shift = relayFunction({ ...outside, environment })({}, shiftOf(1_000));
  await until(() => reads.length === 1);
  secrets.set(secretArn('database'), url);
  expect(await shift).toEqual({ led: true, rung: 1 });
  expect([rung.length, reads.length]).toEqual([1, 2]);
});
