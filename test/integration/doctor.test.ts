import { SetSubscriptionAttributesCommand, SNSClient, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteQueueCommand, SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../../consumers/runtime/system.ts';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import { diagnose } from '../../localstack/operate/doctor/diagnose.ts';
import { expectedOf } from '../../localstack/operate/doctor/expected.ts';
import type { Finding } from '../../localstack/operate/doctor/finding.ts';
import { readDeployed } from '../../localstack/operate/doctor/read-deployed.ts';
import type { SubscriptionState } from '../../localstack/operate/doctor/state.ts';
import { testBroker } from '../support/broker.ts';
import { freshDatabase } from '../support/database.ts';
import { run } from '../support/dev-process.ts';
import { httpServer, json } from '../support/http-server.ts';

/** A system that `provision` made, and a doctor for it. */
async function world() {
  const { client, stage } = await testBroker();
  const sns = new SNSClient(client);
  const sqs = new SQSClient(client);
  onTestFinished(() => {
    sns.destroy();
    sqs.destroy();
  });
  const { topicArn, consumers } = await provision(shopTopologyOf(stage), client);
  const expected = expectedOf(stage, { isRunHere: true, endpoint: null, client: {} });
  const nowhere = { source: null, databaseUrl: null };
  const look = (more: object = {}) =>
    readDeployed(expected, {
      client,
      endpoint: client.endpoint ?? null,
      isRunHere: true,
      ...nowhere,
      clock: systemClock.now,
      ...more,
    });
  /** What is found, but for what could not be checked. */
  const findings = async (more?: object) =>
    diagnose(await look(more), expected).findings.filter(({ severity }) => severity !== 'not-checked');
  const QueueUrl = consumers.display?.queueUrl ?? '';
  const setQueue = (Attributes: Record<string, string>) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  const subscription = async () => {
    const read = (await look()).consumers.display?.subscription;
    return read !== undefined && 'value' in read ? (read.value as SubscriptionState) : null;
  };
  const setSubscription = async (AttributeName: string, AttributeValue: string) => {
    const SubscriptionArn = (await subscription())?.arn;
    await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  };
  /** Does what a remedy says, as the AWS command line would. */
  const heal = async ({ remedy }: Finding) => {
    const [, url, attributes] =
      /^aws sqs set-queue-attributes --queue-url (\S+) --attributes '(.*)' --/.exec(remedy) ?? [];
    if (url !== undefined && attributes !== undefined)
      return sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: JSON.parse(attributes) }));
    const [, arn, name, value] =
      /^aws sns set-subscription-attributes --subscription-arn (\S+) --attribute-name (\w+) --attribute-value '?(.*?)'? --/.exec(
        remedy,
      ) ?? [];
    const set = { SubscriptionArn: arn, AttributeName: name, AttributeValue: value };
    return sns.send(new SetSubscriptionAttributesCommand(set));
  };
  return {
    client,
    stage,
    topicArn,
    consumers,
    sns,
    sqs,
    QueueUrl,
    look,
    findings,
    setQueue,
    setSubscription,
    subscription,
    heal,
  };
}

test('what provisioning makes has no finding, and stays as it is', async () => {
  const { look, findings } = await world();
  const before = await look();
  expect(await findings()).toEqual([]);
  expect({ ...(await look()), skewMs: null }).toEqual({ ...before, skewMs: null });
});

type World = Awaited<ReturnType<typeof world>>;

const staged: [string, (world: World) => Promise<unknown>, Partial<Finding>][] = [
  [
    'a wrong filter',
    ({ setSubscription }) => setSubscription('FilterPolicy', '{"type":["shop.opened"]}'),
    { check: 'filter-policy', severity: 'error' },
  ],
  [
    'raw delivery that is off',
    ({ setSubscription }) => setSubscription('RawMessageDelivery', 'false'),
    { check: 'raw-delivery' },
  ],
  ['a short visibility', ({ setQueue }) => setQueue({ VisibilityTimeout: '5' }), { check: 'visibility' }],
  ['a short retention', ({ setQueue }) => setQueue({ MessageRetentionPeriod: '3600' }), { check: 'retention' }],
  ['no dead-letter queue', ({ setQueue }) => setQueue({ RedrivePolicy: '' }), { check: 'redrive' }],
  ['no policy', ({ setQueue }) => setQueue({ Policy: '' }), { check: 'queue-policies', severity: 'error' }],
];

test.each(staged)('%s is found, and its remedy mends it', async (_, stage, wanted) => {
  const here = await world();
  await stage(here);
  const findings = await here.findings();
  expect(findings[0]).toMatchObject({ where: expect.stringMatching(/-display$/), ...wanted });
  expect(new Set(findings.map(({ check }) => check)).size).toBe(1);
  for (const finding of findings) await here.heal(finding);
  expect(await here.findings()).toEqual([]);
});

test('what is not there is said, and that it is to be deployed', async () => {
  const { sns, sqs, QueueUrl, consumers, subscription, findings } = await world();
  await sns.send(new UnsubscribeCommand({ SubscriptionArn: (await subscription())?.arn }));
  expect((await findings()).map(({ check, where }) => [check, where])).toEqual([
    ['subscription', expect.stringMatching(/-display$/)],
  ]);
  await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  await sqs.send(new DeleteQueueCommand({ QueueUrl: consumers.ad?.deadLetterQueueUrl }));
  expect(await findings()).toEqual([
    expect.objectContaining({
      check: 'queues',
      where: expect.stringMatching(/-display$/),
      remedy: expect.stringContaining('npm start'),
    }),
    expect.objectContaining({ check: 'queues', where: expect.stringMatching(/-ad-dead$/) }),
  ]);
});

test('letters are counted', async () => {
  const { sqs, consumers, findings } = await world();
  await sqs.send(new SendMessageCommand({ QueueUrl: consumers.ad?.deadLetterQueueUrl, MessageBody: 'x' }));
  expect(await findings()).toEqual([
    expect.objectContaining({
      check: 'dead-letters',
      severity: 'warning',
      what: '~1 dead letters',
      remedy: 'npm run doorbell -- dlq list --consumer ad',
    }),
  ]);
});

test('a source that knows no such token, and a database without our schema, are found', async () => {
  const { findings } = await world();
  const source = await httpServer(({ url, headers }, response) =>
    json(response, url === '/healthz' || headers.authorization === 'Bearer good' ? 200 : 401, {}),
  );
  const { url: migrated } = await freshDatabase();
  const tokens = { display: { path: '/display/shops', token: 'good' }, ad: { path: '/ad/shops', token: 'bad' } };
  expect(await findings({ databaseUrl: migrated })).toEqual([]);
  const found = await findings({ source: { url: source.url, tokens }, databaseUrl: inject('postgresUrl') });
  expect(found.map(({ check, where }) => [check, where])).toEqual([
    ['tokens', 'token of ad'],
    ['database', 'database'],
  ]);
  expect(source.seen.map(({ url }) => url)).toEqual(['/healthz', '/display/shops?limit=1', '/ad/shops?limit=1']);
  const gone = await findings({
    source: { url: 'http://127.0.0.1:1', tokens },
    databaseUrl: 'postgres://127.0.0.1:1/no',
  });
  expect(gone.map(({ check, what }) => [check, what])).toEqual([
    ['source', expect.stringContaining('does not answer: ')],
    ['database', expect.stringContaining('ECONNREFUSED')],
  ]);
});

test('a clock that is wrong is seen by the time the service says', async () => {
  const { findings } = await world();
  expect((await findings({ clock: () => Date.now() + 3_600_000 })).map(({ check, what }) => [check, what])).toEqual([
    ['clock', expect.stringMatching(/^this machine's clock is 3(599|600|601) s ahead of the service's/)],
  ]);
});

test('whoever may read nothing is told so, and not that all is well', async () => {
  const refusing = await httpServer(({ headers }, response) => {
    const isQuery = headers['content-type']?.includes('x-www-form-urlencoded');
    if (!isQuery) return json(response, 403, { __type: 'AccessDeniedException', message: 'not authorized' });
    const error = '<Error><Code>AuthorizationError</Code><Message>not authorized</Message></Error>';
    response.writeHead(403, { 'content-type': 'text/xml' }).end(`<ErrorResponse>${error}</ErrorResponse>`);
  });
  const topicArn = 'arn:aws:sns:us-east-1:000000000000:doorbell-shops';
  const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', DOORBELL_TOPIC_ARN: topicArn };
  const args = ['doctor', '--endpoint-url', refusing.url, '--region', 'us-east-1'];
  const { code, stdout } = await run('localstack/operate/main.ts', args, credentials).ended;
  expect(code).toBe(3);
  expect(stdout).not.toContain('✔');
  for (const [check, right] of [
    ['topic', 'sns:GetTopicAttributes'],
    ['queues', 'sqs:GetQueueAttributes'],
  ])
    expect(stdout).toMatch(new RegExp(`✖ ${check} .*could not be read: .*\\n.*${right}`));
  expect(stdout).toMatch(/\? table .*not checked/);
});

test('where nobody answers there is nothing to compare', async () => {
  const { client, stage } = await testBroker();
  const at = {
    client: { ...client, endpoint: 'http://127.0.0.1:1' },
    endpoint: 'http://127.0.0.1:1',
    isRunHere: false,
  };
  const looking = readDeployed(expectedOf(stage, at), {
    ...at,
    source: null,
    databaseUrl: null,
    clock: systemClock.now,
  });
  await expect(looking).rejects.toThrow(/STS: connect ECONNREFUSED.* Check that it runs/);
});
