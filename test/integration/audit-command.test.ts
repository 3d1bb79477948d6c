import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { parts } from '../../consumers/all.ts';
import { displayPart } from '../../consumers/display/part.ts';
import { openSqliteViewStore, readSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { examples } from '../../contracts/documents/shops/examples.ts';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import type { Agreement } from '../../contracts/wire/agreement.ts';
import { openHome } from '../../localstack/start/home.ts';
import { listen } from '../../publisher/http/listen.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import type { Source } from '../../publisher/source-api/source.ts';
import { systemClock } from '../../publisher/system.ts';
import { run } from '../support/dev-process.ts';

const shop = examples.displayShop;

/** A source API: of display with the shops a to d at version 2, of any other with none. */
function sourceOf(agreement: Agreement) {
  const ids = agreement.name === 'display' ? ['a', 'b', 'c', 'd'] : [];
  const rows = ids.map((id) => ({ id, version: 2, state: shop as unknown }));
  return sourceRoutes(agreement, {
    tokens: null,
    read: async (wanted) => rows.filter(({ id }) => wanted.includes(id)),
    readPage: async (after, limit) => rows.filter(({ id }) => id > after).slice(0, limit),
  } as Source<unknown, unknown>);
}

/** A folder in which a system seems to run. display lacks b, has an older c, a damaged d and the ghost e. */
async function world() {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-audit-'));
  const home = openHome(folder, { fresh: false, consumers: [...consumerNames] });
  onTestFinished(() => {
    home.release();
    rmSync(folder, { recursive: true, force: true });
  });
  const app = new Hono();
  for (const { consumer } of parts) app.route('/', sourceOf(consumer.agreement));
  const listening = await listen(app, 0, '127.0.0.1', systemClock);
  onTestFinished(listening.close);
  const url = `http://127.0.0.1:${listening.port}`;
  const viewsOf = (name: string) => join(folder, `${name}.db`);
  for (const { consumer, indexes } of parts)
    openSqliteViewStore<unknown>(viewsOf(consumer.agreement.name), indexes).close();
  const view = displayPart.consumer.project(shop as never, 'a');
  const store = openSqliteViewStore<unknown>(viewsOf('display'), displayPart.indexes);
  await store.write([
    { id: 'a', version: 2, view },
    { id: 'c', version: 1, view: { ...view, name: 'Before' } },
    { id: 'd', version: 2, view: { ...view, name: 'Damaged' } },
    { id: 'e', version: 7, view },
  ]);
  store.close();
  const placeOf = (file: string) => ({ url, views: file, queueUrl: '', deadLetterQueueUrl: '' });
  const announce = (publisherUrl: string) =>
    home.announce({
      ...{ publisherUrl, databaseUrl: '', databaseAdminUrl: '', topicArn: '', broker: {} },
      consumers: Object.fromEntries(consumerNames.map((name) => [name, placeOf(viewsOf(name))])),
    });
  announce(url);
  const audit = (...args: string[]) =>
    run('localstack/operate/main.ts', ['--home', folder, 'audit', '--wait', '1', ...args], {}).ended;
  return { audit, announce, views: viewsOf('display'), view };
}

test('audit lists what differs and what to do, repairs it, and ends with 0 then', async () => {
  const { audit, views, view } = await world();
  const printed = await audit('--seed', '7');
  expect([printed.code, printed.stderr]).toEqual([1, '']);
  expect(printed.stdout).toMatch(/^display +4 +3 +4 +1 +1 +1 +0 +1 +0 +- +\d+ +\d+\.\ds$/m);
  expect(printed.stdout).toMatch(/^ad +0 +0 +0 +0 +0 +0 +0 +0 +0 +- +\d+ +\d+\.\ds$/m);
  expect(printed.stdout).toMatch(
    /^display {2}c {2}older: source version 2, view version 1, name: source ".+", view "B/m,
  );
  expect(printed.stdout).toMatch(/^display {2}b {2}missing: source version 2, view none$/m);
  expect(printed.stdout).toMatch(/^display {2}e {2}ghost: source none, view version 7$/m);
  expect(printed.stdout).toMatch(/^display {2}ghost: --repair makes tombstones of them/m);
  expect(printed.stdout).toMatch(/^display {2}contents of 4 of 4 views compared \(--seed 7\)$/m);

  const repaired = await audit('--consumer', 'display', '--repair', '--json');
  expect([repaired.code, repaired.stderr]).toEqual([0, '']);
  const report = JSON.parse(repaired.stdout);
  expect(report).toMatchObject({ schemaVersion: 1, consumer: 'display', clean: true, compared: 'contents', views: 4 });
  expect(report.repair).toEqual({ repaired: 4, withheld: 0, left: [], failures: [] });
  const store = readSqliteViewStore<unknown>(views);
  onTestFinished(store.close);
  expect(await store.scan('', 10)).toEqual([
    ...['a', 'b', 'c', 'd'].map((id) => ({ id, version: 2, view })),
    { id: 'e', version: 7, view: null },
  ]);
  expect((await audit('--consumer', 'display')).code).toBe(0);
}, 60_000);

test('audit ends with 5 where the publisher does not answer, and with 2 for what it does not know', async () => {
  const { audit, announce } = await world();
  announce('http://127.0.0.1:1');
  const [away, unknown, wrong] = await Promise.all([audit(), audit('--consumer', 'serach'), audit('--sample', '-1')]);
  expect([away.code, away.stdout]).toEqual([5, '']);
  expect([unknown.code, wrong.code]).toEqual([2, 2]);
  expect(unknown.stderr).toMatch(/no consumer "serach"/);
  expect(wrong.stderr).toMatch(/whole number/);
}, 60_000);
