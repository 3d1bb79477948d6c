import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { relayFunction } from '../../publisher/lambda.ts';
import { openClient } from '../../publisher/postgres/database.ts';
import { lambdaContext, secretArn } from '../support/aws-events.ts';
import { databaseName } from '../support/database-name.ts';
import { type PostgresPair, startPostgresPair } from '../support/postgres-pair.ts';
import { aShop } from '../support/publisher.ts';
import { common, publisherFunctions } from '../support/publisher-functions.ts';
import { AWAY, runningPublisher } from '../support/running-publisher.ts';
import { until } from '../support/wait.ts';

/** Two servers, of which now one and now the other is the primary: what a test promoted stays so for the next. */
let pair: PostgresPair;

beforeAll(async () => {
  pair = await startPostgresPair();
}, 120_000);
afterAll(() => pair.stop());

/** Milliseconds, from the end of a failover to commands and rings. */
const BACK = 10_000;

type World = Awaited<ReturnType<typeof world>>;

async function world(relay: 'position' | 'log') {
  const name = await databaseName(pair.primary());
  const running = await runningPublisher(name.url, { relay });
  await until(() => running.events.some(({ kind }) => kind === 'leading'));
  return { name, ...running };
}

/** Clients that register shops, change prices and owners without a pause; what is answered 503 is sent again, as it was. */
function load({ call }: World) {
  const versions = new Map<string, number>();
  const refused: unknown[] = [];
  let isOver = false;
  let done = 0;

  async function send(method: string, path: string, content: unknown): Promise<Record<string, unknown>> {
    const headers = { 'idempotency-key': randomUUID() };
    for (;;) {
      const { body, ...answer } = await call(method, path, content, headers);
      if (answer.status < 300) {
        done++;
        return body;
      }
      if (answer.status !== 503) refused.push({ path, ...answer, body });
      expect(answer).toEqual(AWAY);
    }
  }

  async function client(n: number): Promise<void> {
    const owner = { name: 'Kim', publicName: 'Kim' };
    await send('PUT', `/owners/owner_${n}`, owner);
    for (let shop = 0; !isOver; shop++) {
      const id = `shop_${n}_${shop}_${randomUUID().slice(0, 8)}`;
      const registered = await send('POST', '/shops', { ...aShop, id, ownerId: `owner_${n}` });
      versions.set(id, registered['version'] as number);
      const changed = await send('PATCH', `/shops/${id}/menu/item_soup`, { price: 7_000 + shop });
      versions.set(id, changed['version'] as number);
      // One more event of each of the owner's shops, behind locks: the way by a transaction of its own.
      if (shop % 5 === 0) await send('PUT', `/owners/owner_${n}`, { ...owner, publicName: `Kim ${shop}` });
    }
  }

  const clients = Promise.all([0, 1, 2].map(client));
  clients.catch(() => undefined);
  return {
    done: () => done,
    refused,
    async stop() {
      isOver = true;
      await clients;
      return versions;
    },
  };
}

describe.each(['position', 'log'] as const)('a publisher with the relay by %s', (relay) => {
  test('loses nothing when the standby is promoted, there and back, and is back within ten seconds', async () => {
    const running = await world(relay);
    const { name, rung, stop } = running;
    const clients = load(running);
    const times: number[] = [];
    for (const _ of ['there', 'back']) {
      const [done, rings] = [clients.done(), rung.length];
      await until(() => clients.done() > done + 20 && rung.length > rings + 20);
      await pair.promote();
      name.pointAt(pair.primary());
      const moved = performance.now();
      const [doneBefore, ringsBefore] = [clients.done(), rung.length];
      await until(() => clients.done() > doneBefore && rung.length > ringsBefore);
      times.push(performance.now() - moved);
      await pair.follow();
    }
    const versions = await clients.stop();
    expect(clients.refused).toEqual([]);

    const client = await openClient(pair.primary());
    onTestFinished(() => client.end());
    const { rows } = await client.query<{ id: string; type: string; version: number }>(
      'select shop_id as id, type, max(version) as version from shop_events where shop_id = any($1) group by 1, 2',
      [[...versions.keys()]],
    );
    for (const [id, version] of versions) {
      const highest = Math.max(...rows.filter((row) => row.id === id).map((row) => row.version));
      expect(highest, `${id} as it was answered`).toBeGreaterThanOrEqual(version);
    }
    const isRung = (row: { id: string; type: string; version: number }) =>
      rung.some(({ id, type, version }) => id === row.id && type === row.type && version >= row.version);
    await until(() => rows.every(isRung));
    expect(versions.size).toBeGreaterThan(20);
    expect(times.filter((ms) => ms > BACK)).toEqual([]);
    expect(await stop()).toBe(true);
  }, 120_000);

  test('outlives a while in which the name of its database points at the standby', async () => {
    const { name, call, ids, said, stop } = await world(relay);
    const rename = () => call('PUT', '/owners/owner_lee', { name: 'Lee', publicName: `Lee ${randomUUID()}` });
    const register = (id: string) => call('POST', '/shops', { ...aShop, id });
    const [before, after] = [`shop_${randomUUID()}`, `shop_${randomUUID()}`];
    expect((await rename()).status).toBeLessThan(300);
    await register(before);
    await until(() => ids().includes(before));

    name.pointAt(pair.standby());
    name.cut();
    await until(() => said(/is a standby now/));
    for (const answer of [await rename(), await register(after), await call('GET', '/healthz')])
      expect(answer).toMatchObject(AWAY);
    // A shop that is there is not denied by a standby that may lag.
    expect(await call('GET', `/shops/${before}`)).toMatchObject(AWAY);

    name.pointAt(pair.primary());
    // Nobody cuts the connections that came to stand meanwhile.
    const moved = performance.now();
    expect(await Promise.all([rename(), register(after), call('GET', '/healthz')])).toMatchObject([
      { status: 200 },
      { status: 201 },
      { status: 200 },
    ]);
    await until(() => ids().includes(after));
    expect(performance.now() - moved).toBeLessThan(BACK);
    expect(await stop()).toBe(true);
  });

  test('refuses a standby at its first start', async () => {
    await expect(runningPublisher(pair.standby(), { relay })).rejects.toThrow('the database is a standby');
  });
});

test('a shift of the relay function that begins on a standby waits, and rings when the name points at a primary', async () => {
  const name = await databaseName(pair.standby());
  const { outside, secrets, rung, lines } = await publisherFunctions();
  secrets.set(secretArn('database'), name.url);
  const environment = { ...common, DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:test-shops' };
  const id = `shop_${randomUUID()}`;
  const client = await openClient(pair.primary());
  onTestFinished(() => client.end());
  await client.query(
    `insert into shop_events (shop_id, version, event_id, type, data) values ($1, 1, gen_random_uuid(), 'shop.opened', '{}')`,
    [id],
  );
  const shift = relayFunction({ ...outside, environment })({}, lambdaContext(14_000));
  await until(() => lines.some((line) => line.includes('is a standby now')));
  name.pointAt(pair.primary());
  expect(await shift).toMatchObject({ led: true });
  expect(rung.map((ring) => ring.id)).toContain(id);
});
