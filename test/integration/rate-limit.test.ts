import { describe, expect, onTestFinished, test } from 'vitest';
import { createSourceClient } from '../../consumers/runtime/source/client.ts';
import { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import { listen } from '../../publisher/http/listen.ts';
import { createRateLimit } from '../../publisher/http/rate-limit.ts';
import { systemClock } from '../../publisher/system.ts';
import { publisher, tokens } from '../support/publisher.ts';

const display = { authorization: `Bearer ${tokens.display}` };
const ad = { authorization: `Bearer ${tokens.ad}` };
const wrong = { authorization: 'Bearer wrong' };

/** A publisher that lets three requests a second and token pass, on a clock that is set by hand; shop `a` is registered. */
async function world() {
  const clock = { now: 1_750_000_000_000 };
  const service = await publisher({ limit: createRateLimit(3, () => clock.now) });
  await service.register('a');
  clock.now += 1_000;
  const statuses = async (times: number, path: string, headers = {}) => {
    const answers = [];
    for (let n = 0; n < times; n++) answers.push((await service.call('GET', path, undefined, headers)).status);
    return answers;
  };
  return { ...service, clock, statuses };
}

describe('a token', () => {
  test('that sends too much is told so, and when to come again', async () => {
    const { call, clock, statuses } = await world();
    expect(await statuses(3, '/shops')).toEqual([200, 200, 200]);
    const refused = await call('POST', '/shops/a/pause');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(refused.body).toMatchObject({ code: 'too-many-requests', type: '/problems/too-many-requests' });
    clock.now += 1_000;
    expect(await statuses(4, '/shops')).toEqual([200, 200, 200, 429]);
    expect(await statuses(1, '/problems/too-many-requests')).toEqual([200]);
  });

  test('takes nothing from another', async () => {
    const { statuses } = await world();
    expect(await statuses(4, '/display/shops/a', display)).toEqual([200, 200, 200, 429]);
    expect(await statuses(4, '/ad/shops/a', ad)).toEqual([200, 200, 200, 429]);
    expect(await statuses(1, '/shops/a')).toEqual([200]);
  });

  test('that is not known shares its limit with all such, and takes nothing from those that are', async () => {
    const { statuses } = await world();
    expect(await statuses(2, '/display/shops/a', wrong)).toEqual([401, 401]);
    expect(await statuses(2, '/display/shops/a', { authorization: 'Bearer other' })).toEqual([401, 429]);
    expect(await statuses(1, '/display/shops/a', display)).toEqual([200]);
    expect(await statuses(4, '/shops', wrong)).toEqual([401, 401, 401, 429]);
    expect(await statuses(1, '/healthz', wrong)).toEqual([200]);
  });
});

test('a consumer takes it for an overload: it waits for as long as it was told, and asks again', async () => {
  const { app, clock } = await world();
  const listening = await listen(app, 0, '127.0.0.1', systemClock);
  onTestFinished(() => listening.close());
  const pauses: number[] = [];
  const source = createSourceClient(displayAgreement, {
    url: `http://127.0.0.1:${listening.port}`,
    token: tokens.display,
    clock: {
      ...systemClock,
      now: () => clock.now,
      after: () => () => {},
      sleep: async (ms) => {
        pauses.push(ms);
        clock.now += ms;
      },
    },
  });
  onTestFinished(() => source.close());
  const look = async () => (await source.look([{ id: 'a' }], new AbortController().signal)).map(({ kind }) => kind);
  for (let n = 0; n < 4; n++) expect(await look()).toEqual(['found']);
  expect(pauses).toEqual([1_000]);
});
