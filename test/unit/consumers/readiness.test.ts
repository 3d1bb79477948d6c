import { expect, onTestFinished, test } from 'vitest';
import { createReadiness } from '../../../consumers/service/readiness.ts';
import { smallWorld } from '../../support/worker.ts';

const well = () => ({ isHealthy: true, reason: '' });

/** A consumer with an empty store, and 350 resources at its source. */
function world() {
  const small = smallWorld({ follow: {} });
  onTestFinished(() => small.store.close());
  for (let n = 0; n < 350; n++) small.source.set(`s${String(n).padStart(3, '0')}`, 1, 'name');
  return { ...small, ready: createReadiness({ health: well, progress: small.store.progress }) };
}

test('a new consumer is ready when all pages are read, and says until then how far it is', async () => {
  const { start, clock, ready, store } = world();
  expect(await ready()).toEqual({ isReady: false, reason: expect.stringContaining('0 resources') });
  start();
  await clock.advance(20);
  expect(await ready()).toEqual({ isReady: false, reason: expect.stringMatching(/[1-3]00 resources/) });
  await clock.advance(1_000);
  expect(await ready()).toEqual({ isReady: true, reason: '' });
  expect((await store.scanVersions('', 1_000)).length).toBe(350);
  // As another worker, and after a restart.
  expect(await createReadiness({ health: well, progress: store.progress })()).toEqual({ isReady: true, reason: '' });
});

test('a consumer whose feed was lost is filled again, and stays ready meanwhile, for every worker', async () => {
  const { start, clock, source, store, count } = world();
  start();
  await clock.advance(1_000);
  const { changes } = source;
  source.changes = async (request, signal) =>
    request.after === undefined ? changes(request, signal) : { kind: 'start-over', why: 'replaced' };
  const { page } = source;
  source.page = async (after, signal) => {
    await clock.sleep(1_000, signal);
    return page(after, signal);
  };
  for (let s = 0; s < 60 && count('feed-lost') === 0; s++) await clock.advance(1_000);
  await clock.advance(1_500);
  expect(JSON.parse((await store.progress.read()) ?? '')).toMatchObject({ isLive: true, refill: {} });
  const ready = createReadiness({ health: well, progress: store.progress });
  expect(await ready()).toEqual({ isReady: true, reason: '' });
});

test('a consumer that is not healthy is not ready, and one that follows no feed is ready at once', async () => {
  const { store } = world();
  const ill = () => ({ isHealthy: false, reason: 'no receive for 90 s' });
  expect(await createReadiness({ health: ill, progress: store.progress })()).toEqual({
    isReady: false,
    ...reasonOf(ill),
  });
  expect(await createReadiness({ health: well })()).toEqual({ isReady: true, reason: '' });
  const broken = { read: () => Promise.reject(new Error('disk full')) };
  expect(await createReadiness({ health: well, progress: broken })()).toMatchObject({
    isReady: false,
    reason: expect.stringContaining('disk full'),
  });
});

const reasonOf = (health: () => { reason: string }) => ({ reason: health().reason });
