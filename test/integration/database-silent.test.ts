import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tokenDigest } from '../../publisher/http/token.ts';
import { openClient, openPool, RELAY_PATIENCE } from '../../publisher/postgres/database.ts';
import { sourceTokensOf } from '../support/consumers.ts';
import { freshDatabase } from '../support/database.ts';
import { printed, run } from '../support/dev-process.ts';
import { startOwnServer } from '../support/postgres-server.ts';
import { untilStreaming } from '../support/relays.ts';
import { runningRelay } from '../support/running-relay.ts';
import { silentNetwork } from '../support/silent-network.ts';
import { until } from '../support/wait.ts';

const insert = (id: string) =>
  `insert into shop_events (shop_id, version, event_id, type, data)
   values ('${id}', 1, gen_random_uuid(), 'shop.opened', '{}')`;

describe('a database that falls silent', () => {
  /** A publisher as a process, which has led and been asked. */
  async function startedOn(url: string) {
    const running = run('publisher/main.ts', [], {
      DATABASE_URL: url,
      DOORBELL_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:nobody-is-rung',
      DOORBELL_SOURCE_TOKENS: sourceTokensOf(),
      DOORBELL_OPERATOR_TOKENS: tokenDigest('operator'),
      DOORBELL_PUBLISHER_PORT: '0',
      AWS_REGION: 'us-east-1',
    });
    onTestFinished(() => void running.child.kill('SIGKILL'));
    const [, port] = /"port":(\d+)/.exec(await printed(running, '"leading"')) ?? [];
    const ask = () => fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    expect((await ask())?.status).toBe(200);
    /** Tells it to stop, and sees that it ends in time and was not clean. */
    const stops = async (signal: 'SIGTERM' | 'SIGINT') => {
      const told = performance.now();
      running.child.kill(signal);
      const { code, stderr } = await running.ended;
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^Stopped before everything had ended: /)]);
      expect(performance.now() - told).toBeLessThan(10_000);
    };
    return { ask, stops };
  }

  test('keeps a publisher that is told to stop for no more than seven seconds, and it says that it was not clean', async () => {
    const { url } = await freshDatabase();
    const network = await silentNetwork(url);
    const { ask, stops } = await startedOn(network.url);
    network.fallSilent();
    const asked = ask();
    // The relay's question, and ours.
    await until(() => network.unheard() > 1);
    await stops('SIGTERM');
    await asked;
  });

  test('does so also when its processes stand still, and nobody has asked anything', async () => {
    const server = await startOwnServer();
    const { stops } = await startedOn(server.url());
    const client = await openClient(server.url());
    const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity');
    await client.end();
    const postmaster = Number(readFileSync(join(server.data(), 'postmaster.pid'), 'utf8').split('\n')[0]);
    const tell = (signal: 'SIGSTOP' | 'SIGCONT') => {
      // Our own session is over by now.
      for (const pid of [postmaster, ...rows.map((row) => row.pid)])
        try {
          process.kill(pid, signal);
        } catch {}
    };
    onTestFinished(async () => {
      tell('SIGCONT');
      await server.stop();
    });
    tell('SIGSTOP');
    await stops('SIGINT');
  });

  test.each(['position', 'log'] as const)('for a moment holds up the relay by %s for a moment', async (kind) => {
    // A server of its own: making a slot waits for every transaction on a server, those of other tests too.
    const server = await startOwnServer({ wal_level: 'logical' });
    onTestFinished(server.stop);
    const admin = openPool({ connectionString: server.url() });
    onTestFinished(() => admin.end());
    const network = await silentNetwork(server.url());
    const relay = runningRelay({ kind, url: () => network.url });
    await until(() => relay.said('leading'));
    if (kind === 'log') await untilStreaming(admin);
    network.fallSilent();
    const silent = performance.now();
    await admin.query(insert('during'));
    // Its question is lost: it asks every 100 ms, or every second.
    await until(() => performance.now() - silent > 1_500);
    // A relay by the log asks nothing: it would wait for bytes that TCP never loses on a connection that stays.
    if (kind === 'log') network.speakAndReset();
    else network.speakAgain();
    await until(() => relay.ids().includes('during'));
    expect(performance.now() - silent).toBeLessThan(10_000);
    expect(relay.said('failed')).toBe(true);
    if (kind === 'position') expect(relay.events).toContainEqual({ kind: 'failed', reason: 'Query read timeout' });
  });

  test('is given up by a relay before commands give it up, and not before a slot could be made', () => {
    // 15 s: what openPool waits for an answer; 5 s: the statement_timeout of createSlot.
    expect(RELAY_PATIENCE).toBeLessThan(15_000);
    expect(RELAY_PATIENCE).toBeGreaterThan(5_000);
  });
});
