import { expect, test } from 'vitest';
import { run } from '../support/dev-process.ts';
import { publisher } from '../support/publisher.ts';

test('usage tells from the events of a store what each consumer made of them', async () => {
  const { register, call, url } = await publisher();
  await call('PUT', '/owners/kim', { name: 'Kim Min-ji', publicName: 'Min-ji' });
  await register('a', { ownerId: 'kim', place: { latitude: 37.5, longitude: 127 } });
  await register('b');
  await call('POST', '/shops/a/menu', { id: 'tea', name: '차' });
  await call('PATCH', '/shops/a/menu/tea', { price: 3000 });
  await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'Min-ji' });
  await call('PUT', '/shops/b/hours', { hours: '24시간' });
  await call('POST', '/shops/b/close');

  const environment = { DATABASE_URL: url, DOORBELL_HOME: '/nowhere' };
  const { code, stdout, stderr } = await run('localstack/release/main.ts', ['usage', '--json'], environment).ended;
  const [display, ad] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^DATABASE_URL is set and used: .*\n$/) });
  expect(display).toMatchObject({ agreement: 'display@1', neverRead: [], neverSeen: [], inVain: [], missed: [] });
  // The second item of the menu is none of the ad server's business, and the owner's public name stayed.
  expect(ad.inVain).toEqual([
    { type: 'shop.menu-item-added', events: 1, changed: 0 },
    { type: 'shop.menu-item-price-changed', events: 1, changed: 0 },
    { type: 'shop.owner-changed', events: 1, changed: 0 },
  ]);
  expect(ad.awake).toEqual([
    { type: 'shop.registered', events: 2, changed: 2 },
    { type: 'shop.closed', events: 1, changed: 1 },
  ]);
  expect(ad.filterPolicy.type).not.toContain('shop.owner-changed');
  expect(ad.filterPolicy.type).toContain('shop.paused');
});

test('usage says what to start where no store is found', async () => {
  const { code, stderr } = await run('localstack/release/main.ts', ['usage', '--home', '/nowhere'], {}).ended;
  expect(stderr).toContain('Nothing runs in /nowhere. Start it in another terminal: npm start');
  expect(code).toBe(5);
});
