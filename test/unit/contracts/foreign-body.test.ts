import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foreignForm } from '../../../contracts/wire/foreign-body.ts';
import { NotificationError, parseNotification } from '../../../contracts/wire/notification.ts';

const body = '{"id":"shop_1","type":"shop.opened"}';

/** What a dead letter says of a body; null if it is a notification. */
const told = (text: string): string | null => {
  try {
    parseNotification(text);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(NotificationError);
    return (error as Error).message;
  }
};

/** As SNS wraps a message for SQS without raw delivery (Amazon SNS Developer Guide, "Parsing message formats"). */
const envelope = {
  Type: 'Notification',
  MessageId: 'dc1e94d9-56c5-5e96-808d-cc7f68faa162',
  TopicArn: 'arn:aws:sns:us-east-2:111122223333:shops',
  Subject: 'kim@example.com',
  Message: body,
  Timestamp: '2021-02-16T21:41:19.978Z',
  SignatureVersion: '1',
  Signature:
    'FMG5tlZhJNHLHUXvZgtZzlk24FzVa7oX0T4P03neeXw8ZEXZx6z35j2FOTuNYShn2h0bKNC/zLTnMyIxEzmi2X1shOBWsJHkrW2xkR58ABZF',
  SigningCertURL: 'https://sns.us-east-2.amazonaws.com/SimpleNotificationService-010a507c1833636cd94bdb98bd93083a.pem',
  UnsubscribeURL:
    'https://sns.us-east-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-2:111122223333',
};
const { Subject: _, ...small } = { ...envelope, Signature: '', SigningCertURL: '', UnsubscribeURL: '', MessageId: '' };
const eventBridge = { version: '0', 'detail-type': 'Shop', source: 'shops', account: '1', detail: { owner: 'kim' } };
const record = { eventVersion: '2.1', s3: { object: { key: 'kim.csv' } } };
const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64');

describe('a body that is no notification is told by what it is', () => {
  test.each([
    [
      'an SNS envelope',
      JSON.stringify(envelope),
      /^an SNS envelope: raw message delivery is off .*RawMessageDelivery to true/,
    ],
    ['one below 256 bytes', JSON.stringify(small), /^an SNS envelope: raw/],
    ['one printed over lines', JSON.stringify(envelope, null, 2), /^an SNS envelope: raw/],
    ['one of another message', JSON.stringify({ ...envelope, Message: 'hello' }), /^an SNS envelope: raw/],
    [
      'a confirmation',
      JSON.stringify({ ...envelope, Type: 'SubscriptionConfirmation' }),
      /^an SNS subscription confirmation/,
    ],
    ['an event of EventBridge', JSON.stringify(eventBridge), /^an event of EventBridge: /],
    ['records of S3', JSON.stringify({ Records: [{ ...record, eventSource: 'aws:s3' }] }), /^records of aws:s3: /],
    [
      'records of DynamoDB',
      JSON.stringify({ Records: [{ eventSource: 'aws:dynamodb' }] }),
      /^records of aws:dynamodb: /,
    ],
    ['records of SNS', JSON.stringify({ Records: [{ EventSource: 'aws:sns' }] }), /^records of aws:sns: /],
    ['records of Kinesis', JSON.stringify({ Records: [{ kinesis: {} }] }), /^records of aws:kinesis: /],
    ['a test event of S3', '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}', /^a test event of S3: /],
    [
      'a CloudEvent',
      '{"specversion":"1.0","id":"1","type":"shop.opened","source":"/s"}',
      /^a CloudEvent in structured mode: /,
    ],
    ['an alarm', '{"AlarmName":"a","NewStateValue":"ALARM"}', /^an alarm of CloudWatch: /],
    ['a message for several protocols', JSON.stringify({ default: body }), /MessageStructure json/],
    ['a Lambda destination', '{"requestContext":{},"requestPayload":{}}', /^a record of a Lambda destination: /],
    ['JSON in a JSON string', JSON.stringify(body), /^JSON inside a JSON string: /],
    ['an envelope in a JSON string', JSON.stringify(JSON.stringify(envelope)), /^JSON inside a JSON string: /],
    ['base64 in a JSON string', JSON.stringify(base64(body)), /^base64: /],
    ['a text', '"shop_1 has opened"', /^a text: send/],
    ['a list', `[${body}]`, /^a list: a notification is a message of its own$/],
    ['a longer list', `[${body},${body}]`, /^a list: each notification/],
    ['base64', base64(body), /^base64: /],
    ['base64 with a pad', base64(`${body} `), /^base64: /],
    ['base64 for URLs', Buffer.from(body).toString('base64url'), /^base64: /],
    ['base64 with a line end', `${base64(body)}\n`, /^base64: /],
    ['base64 of gzip', base64(gzipSync(body)), /^base64: /],
    ['base64 of zlib', base64(deflateSync(body)), /^base64: /],
    ['gzip as text', gzipSync(body).toString('utf8'), /^not UTF-8 text, /],
    ['UTF-16 as text', Buffer.from(body, 'utf16le').toString('utf8'), /^not UTF-8 text, /],
    ['UTF-16 with a mark as text', Buffer.from(`\ufeff${body}`, 'utf16le').toString('utf8'), /^not UTF-8 text, /],
    ['a mark as Latin-1', Buffer.from(`\ufeff${body}`).toString('latin1'), /^text decoded as Latin-1, /],
    ['XML', '<shop id="shop_1"/>', /^XML or HTML: /],
    ['HTML', '<!DOCTYPE html><html></html>', /^XML or HTML: /],
    ['a form', 'id=shop_1&type=shop.opened', /^a form \(URL-encoded\): /],
    ['percent-encoded JSON', encodeURIComponent(body), /^percent-encoded: /],
    ["Python's dict", "{'id': 'shop_1', 'type': 'shop.opened'}", /^not JSON, which needs "double quotes"/],
    ['nothing', '', /^nothing: the body is empty$/],
    ['blanks', ' \n', /^nothing: the body is empty$/],
    ['a third key', '{"id":"s","type":"shop.opened","price":5000}', /^"price" has no place in a notification/],
    ['capital keys', '{"Id":"s","Type":"shop.opened"}', /^"Id", "Type" have no place in a notification/],
    ['another name for the id', '{"shopId":"s","type":"shop.opened"}', /^"shopId" has no place in a notification/],
    [
      'a payload',
      JSON.stringify({ id: 's', type: 'shop.opened', menu: 'x'.repeat(300) }),
      /at most 256, and no room for a payload: "menu"$/,
    ],
    [
      'many keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 99 }, (__, n) => [`k${n}`, n]))),
      /"k4", 94 more$/,
    ],
    ['a long key', JSON.stringify({ ['k'.repeat(9_000)]: 1 }), /: "k{40}"$/],
    ['something else', 'hello', /^the body is not JSON$/],
  ])('%s', (__, text, message) => {
    expect(told(text)).toMatch(message);
  });

  test('in no more than fits beside a dead letter, and with nothing of its content', () => {
    const secret = 'kim@example.com';
    const bodies = [envelope, eventBridge, { ...envelope, Message: secret }, { menu: secret.repeat(20) }, [secret]];
    for (const each of bodies) {
      expect(told(JSON.stringify(each))).not.toContain('kim');
      // 500: SQS attributes of a letter are cut there (consumers/brokers/sqs/bury.ts).
      expect(told(JSON.stringify(each))?.length).toBeLessThan(300);
    }
  });

  test('whatever it is, and in little time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => foreignForm(text) === null || foreignForm(text) !== ''),
    );
    fc.assert(fc.property(fc.json(), (text) => foreignForm(text) === null || foreignForm(text) !== ''));
    for (const deep of ['[', '{"a":', '"', '<', ' ', 'a=', '%7b'])
      for (const times of [1_000, 10_000, 60_000]) expect(told(deep.repeat(times))).not.toBeNull();
    expect(told(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)).toBe('a list: a notification is a message of its own');
  });
});

describe('a byte order mark before a notification', () => {
  test.each([`\ufeff${body}`, `\ufeff\r\n${body}\r\n`, '\ufeff{"type":"shop.opened","id":"shop_1"}'])(
    'is ignored: %j',
    (text) => {
      expect(parseNotification(text)).toEqual({ id: 'shop_1', type: 'shop.opened' });
    },
  );

  test('counts among the 256 bytes, and is no excuse for a third key', () => {
    const padded = (bytes: number) =>
      `\ufeff${body}`.padEnd(`\ufeff${body}`.length + bytes - Buffer.byteLength(`\ufeff${body}`));
    expect(Buffer.byteLength(padded(256))).toBe(256);
    expect(told(padded(256))).toBeNull();
    expect(told(padded(257))).toBe('257 bytes; a notification has at most 256');
    expect(told('\ufeff{"id":"s","type":"shop.opened","price":1}')).toMatch(/^"price"/);
    expect(told(`\ufeff\ufeff${body}`)).toBe('the body is not JSON');
    expect(told('\ufeff{"id":"s","id":"t","type":"shop.opened"}')).toMatch(/occurs twice/);
  });
});
