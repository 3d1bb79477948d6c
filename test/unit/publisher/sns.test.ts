import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createSnsPublish } from '../../../publisher/brokers/sns.ts';
import { httpServer, type Seen } from '../../support/http-server.ts';
import { ring } from '../../support/ring.ts';

const never = new AbortController().signal;

/** SNS speaks XML (AWS Query protocol). */
const xml = (response: ServerResponse, successful: string[], failed: [id: string, code: string][]) => {
  const good = successful.map((id) => `<member><Id>${id}</Id><MessageId>m${id}</MessageId></member>`).join('');
  const bad = failed
    .map(
      ([id, code]) =>
        `<member><Id>${id}</Id><Code>${code}</Code><Message>no</Message><SenderFault>true</SenderFault></member>`,
    )
    .join('');
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult><Successful>${good}</Successful>` +
      `<Failed>${bad}</Failed></PublishBatchResult></PublishBatchResponse>`,
  );
};

async function topic(
  answer: (request: Seen, response: ServerResponse, n: number) => void,
  more: { messageGroups?: boolean } = {},
) {
  const { url, seen } = await httpServer(answer);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = { endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 };
  const { publish, close } = createSnsPublish({
    topicArn: 'arn:aws:sns:us-east-1:000000000000:shops',
    client,
    ...more,
  });
  onTestFinished(close);
  return { publish, seen };
}

test('sends the body and its attributes, and nothing of the shop', async () => {
  const { publish, seen } = await topic((_, response) => xml(response, ['0'], []));
  expect(await publish([{ ...ring(1), occurredAt: 1_750_000_000_000, eventId: 'e1' }], never)).toEqual([
    { accepted: true },
  ]);
  const sent = new URLSearchParams(seen[0]?.body);
  const entry = 'PublishBatchRequestEntries.member.1';
  expect(sent.get(`${entry}.Message`)).toBe('{"id":"shop_1","type":"shop.opened"}');
  const names = [...sent].filter(([key]) => key.endsWith('.Name')).map(([, value]) => value);
  expect(names.toSorted()).toEqual(['eventId', 'occurredAt', 'type', 'version']);
});

test.each([
  [true, ['a', 'b']],
  [false, [null, null]],
])('a message group is the shop where groups are switched on: %s', async (messageGroups, groups) => {
  const { publish, seen } = await topic((_, response) => xml(response, ['0', '1'], []), { messageGroups });
  await publish([ring(1, 'a'), ring(2, 'b')], never);
  const sent = new URLSearchParams(seen[0]?.body);
  expect([1, 2].map((n) => sent.get(`PublishBatchRequestEntries.member.${n}.MessageGroupId`))).toEqual(groups);
});

test('says of each entry what SNS said of it', async () => {
  const { publish } = await topic((_, response) =>
    xml(
      response,
      ['1'],
      [
        ['0', 'Throttled'],
        ['3', 'InvalidParameter'],
        ['4', 'InternalError'],
      ],
    ),
  );
  const results = await publish(
    [1, 2, 3, 4, 5].map((position) => ring(position)),
    never,
  );
  expect(results).toMatchObject([
    { accepted: false, retryable: true, reason: 'Throttled: no' },
    { accepted: true },
    { accepted: false, retryable: true, reason: 'SNS gave no result for this entry' },
    { accepted: false, retryable: false, reason: 'InvalidParameter: no' },
    { accepted: false, retryable: true },
  ]);
});

test('a ring that is no notification never leaves, and its neighbours do', async () => {
  const { publish, seen } = await topic((_, response) => xml(response, ['1'], []));
  const results = await publish([ring(1, '../admin'), ring(2)], never);
  expect(results).toMatchObject([{ accepted: false, retryable: false }, { accepted: true }]);
  expect(seen[0]?.body).not.toContain('admin');
});

test('a call that fails as a whole throws, and stopping ends one that hangs', async () => {
  const failing = await topic((_, response) => void response.writeHead(503).end());
  await expect(failing.publish([ring(1)], never)).rejects.toThrow();
  const stopping = new AbortController();
  const hanging = await topic(() => stopping.abort());
  await expect(hanging.publish([ring(1)], stopping.signal)).rejects.toThrow();
});
