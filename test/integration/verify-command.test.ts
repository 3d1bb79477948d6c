import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parts } from '../../consumers/all.ts';
import { displayPart } from '../../consumers/display/part.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { examples } from '../../contracts/documents/shops/examples.ts';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import { openHome } from '../../localstack/start/home.ts';
import { run } from '../support/dev-process.ts';
import { httpServer, json } from '../support/http-server.ts';

/** A folder in which a system seems to run: display has the views of a and e, and its source can show a, c and e only. */
async function world() {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-verify-'));
  const home = openHome(folder, { fresh: false, consumers: [...consumerNames] });
  onTestFinished(() => {
    home.release();
    rmSync(folder, { recursive: true, force: true });
  });
  const shop = examples.displayShop;
  const answers = [
    { status: 200, id: 'a', version: 1, resource: shop },
    { status: 500, id: 'b' },
    { status: 200, id: 'c', version: 1, resource: { ...shop, name: 7 } },
    { status: 200, id: 'd', version: 1, resource: null },
    { status: 200, id: 'e', version: 1, resource: shop },
  ];
  const source = await httpServer(({ url, body }, response) => {
    if (!url.startsWith('/display/')) return json(response, 200, { resources: [], next: null });
    if (url === '/display/shops/batch') {
      const { resources } = JSON.parse(body) as { resources: { id: string }[] };
      return json(response, 200, { resources: resources.map(({ id }) => answers.find((each) => each.id === id)) });
    }
    return json(response, 200, { resources: answers, next: null });
  });
  const viewsOf = (name: string) => join(folder, `${name}.db`);
  for (const { consumer, indexes } of parts)
    openSqliteViewStore<unknown>(viewsOf(consumer.agreement.name), indexes).close();
  const store = openSqliteViewStore<unknown>(viewsOf('display'), displayPart.indexes);
  const view = displayPart.consumer.project(shop as never, 'a');
  await store.write(['a', 'e'].map((id) => ({ id, version: 1, view })));
  store.close();
  const placeOf = (file: string) => ({ url: source.url, views: file, queueUrl: '', deadLetterQueueUrl: '' });
  const announce = (publisherUrl: string) =>
    home.announce({
      publisherUrl,
      databaseUrl: '',
      databaseAdminUrl: '',
      topicArn: '',
      broker: {},
      consumers: Object.fromEntries(consumerNames.map((name) => [name, placeOf(viewsOf(name))])),
    });
  announce(source.url);
  const verify = (...args: string[]) =>
    run('localstack/operate/main.ts', ['--home', folder, 'verify', ...args], {}).ended;
  return { verify, announce };
}

test('verify goes on after shops that can not be compared, has a row for each and ends with 1', async () => {
  const { verify } = await world();
  const [printed, told] = await Promise.all([verify(), verify('--json')]);
  expect([printed.code, told.code, printed.stderr]).toEqual([1, 1, '']);
  expect(printed.stdout).toMatch(/DIFFERENT +FAILED\n *display +5 +2 +0 +0 +3\n *ad +0 +0 +0 +0 +0$/m);
  expect(printed.stdout).toMatch(
    /^display {2}b {2}can't be compared: the source can not show this resource; the publisher's/m,
  );
  expect(printed.stdout).toMatch(/^display {2}c {2}can't be compared: display@1: name: /m);
  expect(printed.stdout).toMatch(/^display {2}d {2}can't be compared: display@1: /m);
  const [display] = told.stdout.split('\n').map((line) => JSON.parse(line || '{}'));
  expect(display).toMatchObject({ schemaVersion: 1, consumer: 'display', shops: 5, equal: 2, different: 0, failed: 3 });
  expect(display.failures.map(({ id }: { id: string }) => id)).toEqual(['b', 'c', 'd']);
}, 30_000);

test('verify ends with 5 where the publisher does not answer, and says so', async () => {
  const { verify, announce } = await world();
  announce('http://127.0.0.1:1');
  const { code, stdout, stderr } = await verify();
  expect([code, stdout]).toEqual([5, '']);
  expect(stderr).toContain('ECONNREFUSED');
}, 60_000);
