import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { testBroker } from '../support/broker.ts';
import { freePort } from '../support/database-name.ts';
import { run } from '../support/dev-process.ts';

const PRODUCTS = 'test/support/product-agreements.ts';

/** `doorbell provision` at a broker that the environment names, with a stage of its own. */
async function world() {
  const { client, stage } = await testBroker();
  const sqs = new SQSClient(client);
  onTestFinished(() => sqs.destroy());
  const environment = {
    DOORBELL_HOME: '/nowhere',
    AWS_ENDPOINT_URL: String(client.endpoint).replace(/\/$/, ''),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const provision = (...args: string[]) =>
    run('localstack/operate/main.ts', ['provision', '--stage', stage, ...args], environment).ended;
  return { stage, sqs, provision, endpoint: environment.AWS_ENDPOINT_URL };
}

test('it makes what the agreements of another domain need, twice the same, and prints the variables', async () => {
  const { stage, sqs, provision, endpoint } = await world();
  const first = await provision('--agreements', PRODUCTS);
  const urlOf = (name: string) => `${endpoint}/000000000000/${stage}-${name}`;
  const place = `AWS_REGION=us-east-1\nAWS_ENDPOINT_URL=${endpoint}\n`;
  const consumer = (name: string) =>
    `# ${name}\nDOORBELL_CONSUMER=${name}\nDOORBELL_QUEUE_URL=${urlOf(name)}\n` +
    `DOORBELL_DEAD_LETTER_QUEUE_URL=${urlOf(`${name}-dead`)}\n${place}`;
  expect(first).toEqual({
    code: 0,
    stdout:
      `# publisher or relay\nDOORBELL_TOPIC_ARN=arn:aws:sns:us-east-1:000000000000:${stage}-changes\n${place}\n` +
      `${consumer('search')}\n${consumer('stock')}`,
    stderr: `Topic ${stage}-changes and the queues of search, stock are there (${endpoint}).\n`,
  });
  const again = await provision('--agreements', PRODUCTS, '--json');
  const lines = again.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { kind: 'topic', topicArn: expect.stringContaining(`${stage}-changes`) },
    { kind: 'consumer', consumer: 'search', queueUrl: urlOf('search') },
    { kind: 'consumer', consumer: 'stock', deadLetterQueueUrl: urlOf('stock-dead') },
  ]);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: urlOf('search'), AttributeNames: ['VisibilityTimeout'] }),
  );
  expect(Attributes).toEqual({ VisibilityTimeout: '30' });
}, 60_000);

test('it makes the queues of one consumer alone, at a topic of another name', async () => {
  const { stage, provision } = await world();
  const { stdout } = await provision('--agreements', PRODUCTS, '--consumer', 'stock', '--topic', `${stage}-goods`);
  expect(stdout).toContain(`:${stage}-goods\n`);
  expect(stdout).not.toContain('search');
  const unknown = await provision('--agreements', PRODUCTS, '--consumer', 'press');
  expect(unknown).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('no consumer "press"; the agreements are of search, stock'),
  });
}, 60_000);

test('--output writes a file, and none where the broker does not answer, which is told with what to do', async () => {
  const { stage, provision } = await world();
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-output-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'broker.env');
  const away = `http://127.0.0.1:${await freePort()}`;
  const failed = await provision('--agreements', PRODUCTS, '--output', file, '--endpoint-url', away);
  expect(failed).toEqual({
    code: 5,
    stdout: '',
    stderr:
      `✖ SNS and SQS do not answer at ${away} (ECONNREFUSED). Start a stand-in there, such as ` +
      `\`FAUXQS_PORT=${new URL(away).port} npx --yes fauxqs@2\`, ` +
      'or give the address of one that runs by --endpoint-url or AWS_ENDPOINT_URL.\n',
  });
  expect(existsSync(file)).toBe(false);
  expect(await provision('--agreements', PRODUCTS, '--output', file)).toMatchObject({ code: 0, stdout: '' });
  expect(readFileSync(file, 'utf8')).toMatch(
    new RegExp(`^# publisher or relay\nDOORBELL_TOPIC_ARN=.*:${stage}-changes\n`),
  );
}, 60_000);

test('a template asks AWS nothing', async () => {
  const { stage, provision } = await world();
  const { code, stdout, stderr } = await provision(
    '--agreements',
    PRODUCTS,
    '--cloudformation',
    '--endpoint-url',
    'http://127.0.0.1:1',
  );
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    Resources: { StockQueue: { Properties: { QueueName: `${stage}-stock` } } },
    Outputs: { TopicArn: { Value: { Ref: 'Topic' } } },
  });
});
