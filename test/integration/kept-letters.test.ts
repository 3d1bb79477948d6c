import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { seemingSystem } from '../support/run-info.ts';

/** The views of a consumer without a broker, which has kept two dead letters; the view of one is as new by now. */
async function views(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-kept-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'press.db');
  const store = openSqliteViewStore<object>(file);
  await store.write([{ id: 'a', version: 4, view: {} }]);
  const broken = { reason: 'agreement-broken', status: 200, detail: 'name: expected string' };
  const poison = [
    ['b', { version: 2, ...broken, at: 1_790_000_060_000 }],
    ['a', { version: 4, ...broken, at: 1_790_000_000_000 }],
  ];
  await store.progress.lease('test', 1_000);
  await store.progress.keep('test', 1_000, JSON.stringify({ cursor: '7', late: [], isLive: true, poison }));
  store.close();
  return file;
}

test('dead letters of a consumer without a broker are listed and shown, and put back by nobody', async () => {
  const file = await views();
  const { doorbell } = seemingSystem({});
  const feed = { DOORBELL_BROKER: 'feed', DOORBELL_VIEWS: file };
  const list = await doorbell(feed, 'dlq', 'list', '--consumer', 'press');
  expect(list).toMatchObject({ code: 0, stderr: `DOORBELL_VIEWS is set and used: ${file}\n` });
  expect(list.stdout).toMatch(/^press +agreement-broken +200 +2 +1 +2026-/m);
  const shown = await doorbell(feed, 'dlq', 'show', 'b', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({
    shopId: 'b',
    version: 2,
    covered: false,
    detail: expect.any(String),
  });
  for (const what of ['redrive', 'purge']) {
    const refused = await doorbell(feed, 'dlq', what, '--yes');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('looked at again with the next change') });
  }
  const nowhere = await doorbell({ DOORBELL_BROKER: 'feed' }, 'dlq', 'list');
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('DOORBELL_VIEWS: missing') });
});
