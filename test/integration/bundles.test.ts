import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import { type BuiltFunction, buildFunctions } from '../../localstack/infrastructure/functions/build.ts';
import { tokenDigest } from '../../publisher/http/token.ts';
import { openPool } from '../../publisher/postgres/database.ts';
import { httpEvent, request, secretArn, sqsEvent } from '../support/aws-events.ts';
import { awsServer } from '../support/aws-server.ts';
import { sourceTokensOf } from '../support/consumers.ts';
import { freshDatabase } from '../support/database.ts';
import { sandbox } from '../support/function-sandbox.ts';
import { httpServer, json } from '../support/http-server.ts';
import { aShop, asOperator, operatorToken, tokens } from '../support/publisher.ts';

const folder = mkdtempSync(join(tmpdir(), 'doorbell-bundles-'));
let built: Map<string, BuiltFunction>;

beforeAll(async () => {
  built = new Map((await buildFunctions(folder)).map((each) => [each.name, each]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string) => built.get(name)?.file ?? '';
const inputsOf = (name: string) => built.get(name)?.inputs ?? [];

describe('a bundle', () => {
  test('is there for each function', () => {
    expect([...built.keys()].toSorted()).toEqual(
      [
        'publisher-api',
        'publisher-relay',
        'publisher-migrate',
        ...consumerNames.flatMap((name) => [name, `${name}-queries`]),
      ].toSorted(),
    );
  });

  /**
   * A quarter above what each has, in KB: what a package adds by mistake is more (zod's languages 413, hono 60). 450 is
   * the aim of an SQS handler with its DynamoDB store (docs/performance.md).
   */
  const MOST: Record<string, number> = {
    'publisher-api': 590,
    'publisher-relay': 440,
    'publisher-migrate': 390,
    display: 410,
    'display-queries': 375,
    ad: 410,
    'ad-queries': 375,
  };

  test.each(Object.entries(MOST))('of %s has less than %i KB', (name, most) => {
    expect(built.get(name)?.bytes).toBeLessThan(most * 1_000);
    expect(built.get(name)?.bytes).toBeGreaterThan(100_000);
  });

  test.each([
    ['display', /undici|consumers\/ad|hono|pg|credential-provider-sso|client-sqs|query-api|documents\//],
    ['ad', /undici|consumers\/display|hono|pg|credential-provider-sso|client-sqs|query-api|documents\//],
    ['display-queries', /undici|consumers\/ad|consumers\/sqs|sqs-handler|documents\//],
    ['ad-queries', /undici|consumers\/display|consumers\/sqs|sqs-handler|documents\//],
    ['publisher-api', /undici|client-sns|run-relay|consumers\//],
    ['publisher-relay', /undici|hono|consumers\/|publisher\/api\//],
    ['publisher-migrate', /undici|hono|client-sns|consumers\/|publisher\/api\//],
  ])('of %s holds nothing that it does not need', (name, foreign) => {
    const packages = inputsOf(name).map((file) => file.replace(/^node_modules\/((?:@[^/]+\/)?[^/]+)\/.*/, '$1'));
    expect(packages.filter((each) => foreign.test(each))).toEqual([]);
    expect(packages.length).toBeGreaterThan(50);
  });
});

test('no bundle imports all of node:http, which loads the undici inside Node', () => {
  const imports = [...built.values()].flatMap(({ name, file }) =>
    (readFileSync(file, 'utf8').match(/(?:from|import\(|import)\s*"(?:node:)?http"/g) ?? []).map(() => name),
  );
  expect(imports).toEqual([]);
});

describe('the functions of a consumer, from their bundles', () => {
  async function world() {
    const aws = await awsServer();
    aws.secrets.set(secretArn('token'), 'token-of-display-and-of-nobody-else');
    const source = await httpServer(({ url }, response) => {
      const menu = aShop.menu.map((item) => ({ ...item, priceNote: null }));
      const shop = { ...aShop, menu, place: null, openness: 'open', delivery: null, parking: null };
      json(response, 200, { id: url.split('/').at(-1), version: 4, resource: shop });
    });
    const environment = {
      ...aws.environment,
      DOORBELL_QUEUE_URL: `${aws.url}/123456789012/display`,
      DOORBELL_DEAD_LETTER_QUEUE_URL: `${aws.url}/123456789012/display-dead-letters`,
      DOORBELL_SOURCE_URL: source.url,
      DOORBELL_SOURCE_TOKEN_SECRET_ARN: secretArn('token'),
      DOORBELL_TABLE: 'test-display-views',
    };
    return { aws, source, environment };
  }

  test('make of a ring a view, and show it', async () => {
    const { aws, source, environment } = await world();
    const display = await sandbox(fileOf('display'), environment);
    expect(await display.invoke(sqsEvent({ id: 'shop_a', version: 4 }, '{"id":'))).toEqual({ batchItemFailures: [] });
    expect(source.seen[0]?.headers.authorization).toBe('Bearer token-of-display-and-of-nobody-else');
    expect([aws.items.get('shop_a')?.['version'], aws.buried.length]).toEqual([{ N: '4' }, 1]);
    const { DOORBELL_TABLE, ...rest } = environment;
    const queries = await sandbox(fileOf('display-queries'), { ...rest, DOORBELL_TABLE });
    const { status, body } = await request(queries.invoke, 'GET', '/shops/shop_a');
    expect([status, body]).toMatchObject([200, { id: 'shop_a', version: 4, name: aShop.name, from: 6000 }]);
    const listed = await queries.invoke(httpEvent('GET', '/shops', { query: 'city=%EA%B0%95%EB%82%A8%EA%B5%AC' }));
    expect(JSON.parse((listed as { body: string }).body).shops).toMatchObject([{ id: 'shop_a' }]);
  });

  test('end by themselves when nobody invokes them any more: nothing they keep keeps them', async () => {
    const { environment } = await world();
    const display = await sandbox(fileOf('display'), environment);
    await display.invoke(sqsEvent({ id: 'shop_a' }, '{"id":'));
    expect(await display.end()).toBe(0);
    expect(display.output()).toContain('"DeadLettered":1');
  });

  test('say what is wrong with their environment, and recover from a bad beginning', async () => {
    const { aws, environment } = await world();
    const display = await sandbox(fileOf('display'), { ...environment, DOORBELL_TABLE: '' });
    await expect(display.invoke(sqsEvent({ id: 'shop_a' }))).rejects.toThrow('DOORBELL_TABLE: missing; ');
    const other = await sandbox(fileOf('display'), environment);
    aws.fail('GetSecretValue', 'AccessDeniedException');
    await expect(other.invoke(sqsEvent({ id: 'shop_a' }))).rejects.toThrow('AccessDeniedException');
    aws.fail('GetSecretValue', null);
    expect(await other.invoke(sqsEvent({ id: 'shop_a' }))).toEqual({ batchItemFailures: [] });
  });
});

describe('the functions of the publisher, from their bundles', () => {
  test('make a schema, take a command and ring it', async () => {
    const { adminUrl } = await freshDatabase();
    const name = `bundles_${randomBytes(6).toString('hex')}`;
    const server = openPool({ connectionString: adminUrl, max: 1 });
    await server.query(`create database ${name}`);
    onTestFinished(async () => {
      await server.query(`drop database ${name} with (force)`);
      await server.end();
    });
    const url = adminUrl.replace(/\/[^/]*$/, `/${name}`);
    const aws = await awsServer();
    aws.secrets.set(secretArn('owner'), url);
    const owner = { ...aws.environment, DATABASE_ADMIN_SECRET_ARN: secretArn('owner') };
    const migrate = await sandbox(fileOf('publisher-migrate'), owner);
    const { applied } = (await migrate.invoke({})) as { applied: string[] };
    expect(applied[0]).toBe('0001-shops.sql');
    expect(await migrate.invoke({})).toEqual({ applied: [] });

    const api = await sandbox(fileOf('publisher-api'), {
      ...aws.environment,
      DATABASE_SECRET_ARN: secretArn('owner'),
      DOORBELL_SOURCE_TOKENS: sourceTokensOf({ display: tokenDigest(tokens['display'] ?? '') }),
      DOORBELL_OPERATOR_TOKENS: tokenDigest(operatorToken),
    });
    const registered = await request(api.invoke, 'POST', '/shops', {
      body: { ...aShop, id: 'shop_a' },
      headers: asOperator,
    });
    expect(registered.status).toBe(201);

    const relay = await sandbox(fileOf('publisher-relay'), {
      ...aws.environment,
      DATABASE_SECRET_ARN: secretArn('owner'),
      DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:test-shops',
    });
    // 4 s of leading: 8 of the 12 are kept for what is under way.
    expect(await relay.invoke({}, 12_000)).toEqual({ led: true, rung: 1 });
    expect(aws.rung).toEqual([{ id: 'shop_a', type: 'shop.registered' }]);
    expect(relay.output()).toMatch(/"RelayLag":[\d.]+/);
  });
});
