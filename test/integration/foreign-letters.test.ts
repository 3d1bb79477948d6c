import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { writeAttributes } from '../../contracts/wire/attributes.ts';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { topologyOf } from '../../localstack/infrastructure/topology.ts';
import { testBroker } from '../support/broker.ts';
import { seemingSystem } from '../support/run-info.ts';

/** Two consumers with a dead letter each: display runs here, and press is a stranger. */
async function world() {
  const { client, stage } = await testBroker();
  const wakesOn = ['shop.opened'];
  const { consumers } = await provision(
    topologyOf(
      ['display', 'press'].map((name) => ({ name, wakesOn })),
      stage,
    ),
    client,
  );
  const sqs = new SQSClient(client);
  onTestFinished(() => sqs.destroy());
  for (const [name, { deadLetterQueueUrl }] of Object.entries(consumers))
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: deadLetterQueueUrl,
        MessageBody: `{"id":"of-${name}","type":"shop.opened"}`,
        MessageAttributes: writeAttributes('shop.opened', { version: 1 }),
      }),
    );
  const nowhere = { url: 'http://127.0.0.1:1', views: '/nowhere', queueUrl: '', deadLetterQueueUrl: '' };
  const { doorbell } = seemingSystem({
    broker: client,
    consumers: { display: { ...nowhere, ...consumers.display } },
  });
  const { queueUrl = '', deadLetterQueueUrl = '' } = consumers.press ?? {};
  const receive = async (QueueUrl: string) => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    return Messages.map(({ Body }) => Body);
  };
  return { doorbell, receive, queueUrl, deadLetterQueueUrl };
}

test('dead letters of a stranger are shown and put back, by the queues that are set', async () => {
  const { doorbell, receive, queueUrl, deadLetterQueueUrl } = await world();
  const letters = { DOORBELL_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl };
  const listed = await doorbell(letters, 'dlq', 'list', '--consumer', 'press');
  expect(listed).toMatchObject({
    code: 0,
    stderr: `DOORBELL_DEAD_LETTER_QUEUE_URL is set and used: ${deadLetterQueueUrl}\n`,
    stdout: expect.stringMatching(/press +received-too-often +- +1 +- +\d{4}-/),
  });
  const shown = await doorbell(letters, 'dlq', 'show', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ shopId: 'of-press', covered: null });
  const without = await doorbell(letters, 'dlq', 'redrive', '--yes');
  expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('DOORBELL_QUEUE_URL: missing; give') });
  const both = { ...letters, DOORBELL_QUEUE_URL: queueUrl };
  expect((await doorbell(both, 'dlq', 'redrive', '--yes', '--consumer', 'press')).stdout).toContain(
    'press: 1 put back',
  );
  expect(await receive(queueUrl)).toEqual(['{"id":"of-press","type":"shop.opened"}']);
}, 60_000);

test('half of the queues, those of two brokers, and unknown names are told', async () => {
  const { doorbell, queueUrl, deadLetterQueueUrl } = await world();
  const elsewhere = 'https://sqs.eu-west-1.amazonaws.com/123456789012/press';
  const cases: [Record<string, string>, string[], number, string][] = [
    [{ DOORBELL_QUEUE_URL: queueUrl }, [], 1, 'DOORBELL_DEAD_LETTER_QUEUE_URL: missing'],
    [
      { DOORBELL_QUEUE_URL: elsewhere, DOORBELL_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl },
      [],
      1,
      'DOORBELL_QUEUE_URL and DOORBELL_DEAD_LETTER_QUEUE_URL are at two brokers',
    ],
    [
      {},
      ['--consumer', 'press'],
      2,
      'No consumer press runs here, only display. If it runs elsewhere, set DOORBELL_DE',
    ],
    [{ DOORBELL_CONSUMER: 'display' }, ['--consumer', 'press'], 1, 'DOORBELL_CONSUMER is display, but --consumer is'],
    [{ DOORBELL_VIEWS: '/views.db' }, [], 1, 'DOORBELL_VIEWS is set: name the consumer'],
  ];
  for (const [environment, args, code, text] of cases)
    expect(await doorbell(environment, 'dlq', 'list', ...args)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(text),
    });
}, 60_000);
