import { DynamoDBClient, UpdateTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Message, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { examples } from '../../contracts/documents/shops/examples.ts';
import { tokenDigest } from '../../publisher/http/token.ts';
import { testBroker } from '../support/broker.ts';
import { emptyDatabase } from '../support/database.ts';
import { operatorAt } from '../support/deploying.ts';
import { finishOnMinistack } from '../support/ministack.ts';
import { until } from '../support/wait.ts';
import { mappingOf, queueAt, said } from './one-event.ts';

const tokens = { display: 'token-of-display'.padEnd(43, 'd'), ad: 'token-of-ad'.padEnd(43, 'a') };
const operator = 'token-of-operators'.padEnd(43, 'o');

/** ministack with the secrets that functions read, and a database without a schema. */
async function world() {
  const { client, stage } = await testBroker();
  const clients = {
    secrets: new SecretsManagerClient(client),
    lambda: new LambdaClient(client),
    sqs: new SQSClient(client),
    dynamo: new DynamoDBClient(client),
  };
  onTestFinished(() => Object.values(clients).forEach((each) => void each.destroy()));
  const secret = async (name: string, SecretString: string) => {
    const { ARN = '' } = await clients.secrets.send(
      new CreateSecretCommand({ Name: `${stage}-${name}`, SecretString }),
    );
    return ARN;
  };
  const { url, adminUrl } = await emptyDatabase();
  const parameters = {
    DatabaseSecretArn: await secret('database', url),
    DatabaseAdminSecretArn: await secret('admin', adminUrl),
    DisplaySourceTokenSecretArn: await secret('display', tokens.display),
    AdSourceTokenSecretArn: await secret('ad', tokens.ad),
    SourceTokens: Object.entries(tokens)
      .map(([name, token]) => `${name}=${tokenDigest(token)}`)
      .join(),
    OperatorTokens: tokenDigest(operator),
    DeletionProtection: 'false',
  };
  const say = Object.entries(parameters).flatMap(([name, value]) => ['--parameter', `${name}=${value}`]);
  return { client, stage, ...clients, say, ...operatorAt(client, stage) };
}

const idOf = ({ Body = '{}' }: Message) => String((JSON.parse(Body) as { id?: unknown }).id);

const isOther = (result: string | undefined, before: string | undefined) => (result === before ? null : result);

/** What a change of everything takes here: functions are built, and each is a process that starts. */
const PATIENCE = 240_000;

test(
  'functions are deployed with their database; a change rings through all of them, and of ten messages in one event the poisoned one alone stays',
  async () => {
    const { client, stage, say, doorbell, findings, lambda, sqs, dynamo } = await world();

    const deployed = await doorbell('deploy', '--yes', ...say);
    expect(deployed).toMatchObject({ code: 0, stderr: expect.stringContaining('7 built, 7 uploaded') });
    expect(deployed.stderr).toMatch(/database +applied 0001-shops\.sql, .*0009-unused-slot\.sql/);
    expect(deployed.stdout).not.toMatch(/postgres|token-of/);

    // All that it finds on ministack is what ministack leaves undone of the template; and its remedy helps.
    const found = await findings();
    expect(found.map(({ check, where }) => [check, where])).toEqual([
      ['time-to-live', `${stage}-display-views`],
      ['time-to-live', `${stage}-ad-views`],
    ]);
    for (const { where: TableName } of found)
      await dynamo.send(
        new UpdateTimeToLiveCommand({
          TableName,
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        }),
      );
    expect(await findings()).toEqual([]);

    const urls = await finishOnMinistack(client, stage);
    const changed = await doorbell('deploy', '--yes', '--parameter', `SourceUrl=${urls.publisher}`);
    expect(changed).toMatchObject({ code: 0, stderr: expect.stringContaining('7 built, 0 uploaded, 7 unchanged') });
    expect(changed.stderr).toMatch(/database +up to date/);
    expect(changed.stderr).toMatch(/~ modify +Display +AWS::Lambda::Function +Environment/);
    await finishOnMinistack(client, stage);

    const { shop, item, owner, shopId } = examples;
    const send = async (method: string, path: string, body: unknown) => {
      const headers = { authorization: `Bearer ${operator}`, 'content-type': 'application/json' };
      const response = await fetch(`${urls.publisher}${path}`, { method, headers, body: JSON.stringify(body) });
      expect(response.status).toBeLessThan(300);
      return (await response.json()) as { version: number };
    };
    // The schedule would start it within a minute.
    const relay = () =>
      lambda.send(new InvokeCommand({ FunctionName: `${stage}-publisher-relay`, InvocationType: 'Event' }));
    const shown = async (url = '') => {
      const response = await fetch(url);
      return response.status === 200 ? ((await response.json()) as { name: string; version: number }) : null;
    };
    await send('PUT', `/owners/${owner.id}`, { name: owner.name, publicName: owner.publicName });
    // Eight shops: with two rings that fail they are ten messages, the most that ministack puts into one event.
    const ids = [shopId, ...Array.from({ length: 7 }, (_, n) => `shop_neighbour_${n}`)];
    for (const id of ids) await send('POST', '/shops', { ...shop, id, menu: [item], ownerId: owner.id });
    await relay();
    const card = (id: string) => shown(`${urls.display}/shops/${id}`);
    for (const id of ids) expect((await until(() => card(id))).name).toBe(shop.name);
    expect((await until(() => shown(`${urls.ad}/ads/${shopId}`))).name).toBe(shop.name);

    // What the mapping would take is put into the queue by one call while it is off.
    const urlOf = (variable: string) =>
      new RegExp(`# display\\n[^#]*${variable}=(.*)`).exec(deployed.stdout)?.[1] ?? '';
    const queue = queueAt(sqs, urlOf('DOORBELL_QUEUE_URL'));
    const deadLetters = queueAt(sqs, urlOf('DOORBELL_DEAD_LETTER_QUEUE_URL'));
    const mapping = await mappingOf(lambda, `${stage}-display`);
    await mapping.turn('Disabled');
    const versions = new Map<string, number>();
    for (const id of ids)
      versions.set(id, (await send('PATCH', `/shops/${id}/menu/${item.id}`, { price: 9_000 })).version);
    await relay();
    const isOfChange = (ring: Message) => said(ring, 'version') === String(versions.get(idOf(ring)));
    const rings = (await queue.take((taken) => taken.filter(isOfChange).length === ids.length)).filter(isOfChange);
    for (const id of ids) expect((await card(id))?.version).toBeLessThan(versions.get(id) ?? 0);
    expect(await queue.size()).toBe(0);
    const poison = { Body: JSON.stringify({ id: 'nobody-knows-this-shop', type: 'shop.opened' }) };
    const malformed = { Body: 'no notification' };
    await queue.put([...rings.slice(0, 4), poison, malformed, ...rings.slice(4)]);
    expect(await queue.size()).toBe(10);

    // ministack tells how its last event ended: ten were in one, and one of them failed. It comes again after a second or more.
    const before = await mapping.result();
    await mapping.turn('Enabled');
    const result = await until(async () => isOther(await mapping.result(), before));
    await mapping.turn('Disabled');
    expect(result).toBe('OK - 9 records, 1 partial failures');
    for (const id of ids) expect((await card(id))?.version).toBe(versions.get(id));
    expect(await queue.size()).toBe(1);
    expect((await queue.peek()).map(({ Body }) => Body)).toEqual([poison.Body]);
    const [letter, ...others] = await deadLetters.peek();
    expect(others).toEqual([]);
    expect([letter?.Body, letter && said(letter, 'reason')]).toEqual([malformed.Body, 'malformed-notification']);
    await mapping.turn('Enabled');
    expect(await findings()).toEqual([
      expect.objectContaining({ severity: 'warning', where: `${stage}-display-dead`, what: '~1 dead letters' }),
    ]);

    const farewell = await doorbell('destroy', '--dry-run');
    expect(farewell.stdout).toContain('- AWS::Lambda::Function  ');
    expect(farewell.stdout).toContain(`- ~1 messages in ${stage}-display-dead: they are lost`);
    expect(await doorbell('destroy', '--yes', '--with-artifacts')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('the bucket with the bundles is deleted'),
    });
  },
  PATIENCE,
);

test('tables that refuse to go are asked themselves, and a bucket with anything else in it stays', async () => {
  const { client, stage } = await testBroker();
  const { doorbell } = operatorAt(client, stage);
  const dynamo = new DynamoDBClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  onTestFinished(() => [dynamo, s3].forEach((each) => void each.destroy()));
  expect((await doorbell('deploy', '--yes', '--only', 'messaging,tables')).code).toBe(0);
  const refused = await doorbell('destroy', '--yes');
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('The tables are protected against deletion'),
  });
  expect(refused.stderr).toContain(`--parameter DeletionProtection=false --region`);
  for (const name of ['display', 'ad'])
    await dynamo.send(
      new UpdateTableCommand({ TableName: `${stage}-${name}-views`, DeletionProtectionEnabled: false }),
    );

  const precious = { Bucket: `${stage}-precious`, Key: 'a/letter' };
  await s3.send(new CreateBucketCommand(precious));
  await s3.send(new PutObjectCommand({ ...precious, Body: 'Dear all' }));
  const greedy = await doorbell('destroy', '--yes', '--with-artifacts', '--bucket', precious.Bucket);
  expect(greedy).toMatchObject({ code: 1, stderr: expect.stringContaining('also holds other objects') });
  await s3.send(new HeadObjectCommand(precious));
  expect((await doorbell('destroy', '--yes')).code).toBe(0);
});
