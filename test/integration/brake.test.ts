import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { displayPart } from '../../consumers/display/part.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { startConsumer } from '../../consumers/service/start-consumer.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { listen } from '../../publisher/http/listen.ts';
import { run } from '../support/dev-process.ts';
import { publisher, tokens } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

/** A publisher on a port, and a consumer of its feed, which holds from the tenth closing on. */
async function world() {
  const { app, call, register } = await publisher();
  const listening = await listen(app, 0, '127.0.0.1', systemClock);
  onTestFinished(listening.close);
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-brake-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const views = join(folder, 'display.db');
  const { consumer, indexes, queryApi } = displayPart;
  const start = async () => {
    const running = await startConsumer({
      ...{ consumer, indexes, queryApi, store: views, log: false, signals: false, http: { port: 0 } },
      source: { url: `http://127.0.0.1:${listening.port}`, token: tokens['display'] },
      broker: 'feed',
      brake: { least: 10 },
    });
    onTestFinished(async () => void (await running.stop()));
    return running;
  };
  const store = () => {
    const opened = openSqliteViewStore(views, indexes);
    onTestFinished(opened.close);
    return opened;
  };
  const resume = (...args: string[]) =>
    run('localstack/operate/main.ts', ['resume', '--consumer', 'display', ...args], { DOORBELL_VIEWS: views }).ended;
  return { call, register, start, store, resume };
}

test('a mass of closings holds the consumer over a restart, until an operator resumes by the command', async () => {
  const { call, register, start, store, resume } = await world();
  const ids = Array.from({ length: 25 }, (_, n) => `s${n}`);
  for (const id of ids) await register(id);
  const first = await start();
  const { scan, holds } = store();
  const open = async () => (await scan('', 100)).filter(({ view }) => view !== null).length;
  await until(async () => (await open()) === 25);
  expect((await resume('--yes')).stdout).toBe('display does not hold.\n');
  for (const id of ids) await call('POST', `/shops/${id}/close`);
  await until(() => first.health().reason.startsWith('held: '));
  expect(await open()).toBeGreaterThan(12);
  expect(await first.metrics()).toMatch(/doorbell_held\{consumer="display"\} 1\n/);
  await until(() => holds.read());
  await first.stop();

  const second = await start();
  await until(() => second.health().reason.startsWith('held: '));
  const ask = async (path: string) => (await fetch(`${second.address?.url}${path}`)).json();
  const reason = expect.stringMatching(/^held: /);
  expect([await ask('/healthz'), await ask('/readyz')]).toEqual([
    { status: 'waiting', reason },
    { status: 'ready', reason },
  ]);
  const shown = await resume();
  expect([shown.code, shown.stdout]).toEqual([
    2,
    expect.stringMatching(/^display holds since 20.*Z: \d+ of \d+ views .*\nNot closed, among others: s\d+, /),
  ]);
  expect(await open()).toBeGreaterThan(12);
  expect(await resume('--yes')).toMatchObject({ code: 0 });
  await until(async () => (await open()) === 0);
  expect(second.health()).toEqual({ isHealthy: true, reason: '' });
}, 60_000);

test('without views the command says what is missing', async () => {
  const { resume } = await world();
  const { code, stderr } = await resume('--yes');
  expect([code, stderr]).toEqual([1, expect.stringContaining("display.db can't be opened")]);
});
