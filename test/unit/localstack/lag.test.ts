import { expect, onTestFinished, test } from 'vitest';
import { measureLag } from '../../../localstack/operate/lag/measure-lag.ts';
import { smallWorld } from '../../support/worker.ts';

const MINUTE = 60_000;

/** A consumer of ten resources, whose rings are all lost. */
function world() {
  const small = smallWorld({ follow: { every: 10 * MINUTE } });
  onTestFinished(() => small.store.close());
  for (let n = 0; n < 10; n++) small.source.set(`s${n}`, 1, 'name');
  const { source, store, clock } = small;
  const { signal } = new AbortController();
  async function lag() {
    const measured = measureLag({ source, store, now: clock.now, signal });
    await clock.advance(1_000);
    return measured;
  }
  return { ...small, lag };
}

test('tells how many changes are not in the views, and how old the oldest is', async () => {
  const { source, clock, lag, start } = world();
  expect(await lag()).toEqual({ state: 'not-followed', resources: null, behind: null });
  start();
  await clock.advance(1_000);
  expect(await lag()).toEqual({ state: 'live', resources: null, behind: { changes: 0, seconds: 0, more: false } });
  source.set('s1', 2, 'lost');
  await clock.advance(2_000);
  source.set('s1', 3, 'lost');
  source.set('s2', 2, null);
  const { behind } = await lag();
  expect(behind).toMatchObject({ changes: 3, more: false });
  expect(behind?.seconds).toBeCloseTo(2, 1);
  await clock.advance(12 * MINUTE);
  expect((await lag()).behind).toMatchObject({ changes: 0 });
});

test('counts what the source does not show, over many pages, and each change once', async () => {
  const { source, clock, lag, start } = world();
  start();
  await clock.advance(1_000);
  source.fail('s3');
  source.set('s3', 2, 'hidden');
  await clock.advance(12 * MINUTE);
  for (let n = 0; n < 2_500; n++) source.set(`s${n % 10}`, 3 + n, 'lost');
  expect((await lag()).behind).toMatchObject({ changes: 2_501, more: false });
});

test('knows nothing where the source has no feed, or its log was replaced', async () => {
  const { source, clock, lag, start } = world();
  start();
  await clock.advance(1_000);
  source.changes = async () => ({ kind: 'start-over', why: 'replaced' });
  expect(await lag()).toMatchObject({ state: 'feed-lost', behind: null });
});
