import { expect, onTestFinished, test } from 'vitest';
import { createSqsQueue } from '../../consumers/brokers/sqs/queue.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { topologyOf } from '../../localstack/infrastructure/topology.ts';
import { openPool } from '../../publisher/postgres/database.ts';
import { testBroker } from '../support/broker.ts';
import { emptyDatabase } from '../support/database.ts';
import { printed, run } from '../support/dev-process.ts';
import { changesOf, products, teamDatabase } from '../support/outbox.ts';
import { until } from '../support/wait.ts';

const bin = 'localstack/operate/bin.ts';

test('an empty database gets an outbox, a table rings, and stops ringing', async () => {
  const { url, adminUrl } = await emptyDatabase();
  const role = new URL(url).username;
  const admin = openPool({ connectionString: adminUrl });
  const service = openPool({ connectionString: url });
  onTestFinished(async () => {
    await Promise.all([admin.end(), service.end()]);
  });
  const doorbell = (...args: string[]) => run(bin, args, { DATABASE_ADMIN_URL: adminUrl }).ended;
  await admin.query(`create table product (sku text primary key, price int); insert into product values ('p1', 1);
    grant select, update on product to ${role}`);
  const migrate = ['outbox', 'migrate', '--ring-role', role, '--read-role', role];
  expect(await doorbell(...migrate)).toEqual({
    code: 0,
    stdout: `Applied 0001-outbox. Rights given to ${role}.\n`,
    stderr: '',
  });
  expect(await doorbell(...migrate)).toMatchObject({
    code: 0,
    stdout: `The outbox doorbell is up to date. Rights given to ${role}.\n`,
  });
  const watch = ['watch', 'product', '--id', 'sku', '--created', 'product.created', '--changed', 'product.changed'];
  expect(await doorbell(...watch)).toMatchObject({
    code: 0,
    stdout: 'public.product rings from now on. 1 of its 1 rows rung for the first time.\n',
  });
  await service.query('update product set price = 2');
  expect(await doorbell('outbox', 'ring-all', '--type', 'product.changed')).toMatchObject({
    code: 0,
    stdout: '1 resources rung as product.changed.\n',
  });
  expect(await doorbell('unwatch', 'product')).toMatchObject({ code: 0, stdout: 'product rings no more.\n' });
  await service.query('update product set price = 3');
  expect(await changesOf(admin)).toEqual(['p1 product.created v1', 'p1 product.changed v2', 'p1 product.changed v3']);
  const script = (await doorbell('outbox', 'sql', '--schema', 'bell')).stdout;
  await admin.query(script);
  expect((await admin.query(`select bell.ring('a', 'b.c') as version`)).rows).toEqual([{ version: 1 }]);
});

test.each([
  [['watch', 'nothing', '--id', 'sku', '--created', 'a.b'], 1, /There is no table nothing. Name it with its schema/],
  [['watch', 'product', '--id', 'sku'], 1, /give a type for at least one of created, changed and removed/],
  [['watch', 'product'], 2, /required option '--id <column>'/],
  [['outbox', 'migrate', '--schema', 'Bell'], 1, /schema "Bell": use lower-case letters/],
  [['outbox', 'ring-all', '--type', 'Nope'], 1, /type "Nope": a type is lower-case words/],
  [['outbox', 'migrate', '--ring-role', 'nobody-there'], 1, /role "nobody-there" does not exist/],
])('%j is refused in words', async (args, code, message) => {
  const { adminUrl } = await teamDatabase();
  expect(await run(bin, args, { DATABASE_ADMIN_URL: adminUrl }).ended).toMatchObject({
    code,
    stderr: expect.stringMatching(message),
  });
});

test('without the right to create a schema it says who can', async () => {
  const { url } = await emptyDatabase();
  const { code, stderr } = await run(bin, ['outbox', 'migrate'], { DATABASE_ADMIN_URL: url }).ended;
  expect([code, stderr]).toEqual([1, expect.stringMatching(/permission denied.*a user who may create a schema/)]);
});

async function relayed() {
  const { service, adminUrl } = await teamDatabase();
  const { client, stage } = await testBroker();
  const { topicArn, consumers } = await provision(topologyOf([products], stage), client);
  const queueUrl = consumers.products?.queueUrl ?? '';
  const queue = createSqsQueue({
    queueUrl,
    deadLetterQueueUrl: queueUrl,
    transport: 'lean',
    clock: systemClock,
    client,
  });
  onTestFinished(() => queue.close());
  const environment = {
    DATABASE_URL: adminUrl,
    DOORBELL_TOPIC_ARN: topicArn,
    DOORBELL_RELAY_PORT: '0',
    AWS_ENDPOINT_URL: String(client.endpoint),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const start = (more: Record<string, string> = {}) => {
    const running = run(bin, ['relay'], { ...environment, ...more });
    onTestFinished(async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    });
    return running;
  };
  return { service, queue, start };
}

test.each(['position', 'log'])(
  'the relay is a process: it rings by %s, says that it is well, and stops when asked',
  async (kind) => {
    const { service, queue, start } = await relayed();
    const relay = start({ DOORBELL_RELAY: kind });
    const [, port] = /"listening","port":(\d+)/.exec(await printed(relay, /"kind":"listening"/)) ?? [];
    await printed(relay, /"kind":"leading"/);
    await service.query(`select doorbell.ring('p1', 'product.changed')`);
    const [message] = await until(async () => {
      const messages = await queue.receive(10, 1, new AbortController().signal);
      return messages.length > 0 && messages;
    });
    expect(message?.body).toBe('{"id":"p1","type":"product.changed"}');
    expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).toMatchObject({ status: 'ok' });
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toMatch(/doorbell_rung_total 1/);
    relay.child.kill('SIGTERM');
    expect((await relay.ended).code).toBe(0);
  },
);

test('of two relays one leads, and the other takes over', async () => {
  const { service, start } = await relayed();
  const first = start();
  await printed(first, /"kind":"leading"/);
  const second = start();
  await printed(second, /"kind":"listening"/);
  first.child.kill('SIGKILL');
  await printed(second, /"kind":"leading"/);
  await service.query('select 1');
});

test('a relay without its variables says which', async () => {
  const { code, stderr } = await run(bin, ['relay'], { DATABASE_URL: '', DOORBELL_TOPIC_ARN: '' }).ended;
  expect([code, stderr]).toEqual([1, expect.stringMatching(/DATABASE_URL: missing[\s\S]*DOORBELL_TOPIC_ARN: missing/)]);
});
