/** 64 KiB: a larger body is not examined, since one such message would take longer than a thousand rings. */
const LOOKED_INTO = 64 * 1024;

const SAY_IT = 'send {"id":…,"type":…} and nothing around it';

type Fields = Readonly<Record<string, unknown>>;

/** Known forms of objects: keys to tell a form by, and advice. The first form that fits is used. */
const OBJECTS: readonly [fits: (value: Fields) => boolean, say: (value: Fields) => string][] = [
  [
    ({ Type, TopicArn }) => Type === 'Notification' && typeof TopicArn === 'string',
    () =>
      'an SNS envelope: raw message delivery is off for this subscription. Set its attribute RawMessageDelivery to true; ' +
      'npm run doorbell -- doctor names it',
  ],
  [
    ({ Type, TopicArn }) => typeof Type === 'string' && /Confirmation$/.test(Type) && typeof TopicArn === 'string',
    () => 'an SNS subscription confirmation, not a ring: confirm it by its SubscribeURL, or remove it',
  ],
  [
    (value) => 'detail-type' in value && 'source' in value,
    () =>
      `an event of EventBridge: a rule has this queue as its target. Remove the target, or let its input transformer ${SAY_IT}`,
  ],
  [
    ({ Records }) => Array.isArray(Records) && sourceOfRecords(Records) !== null,
    ({ Records }) =>
      `records of ${sourceOfRecords(Records as unknown[])}: remove this queue from the targets of their sender`,
  ],
  [
    ({ Service, Event }) => Service === 'Amazon S3' && Event === 's3:TestEvent',
    () => 'a test event of S3: remove this queue from the notifications of the bucket',
  ],
  [
    (value) => typeof value.specversion === 'string' && 'source' in value,
    () => `a CloudEvent in structured mode: ${SAY_IT}; put further values into attributes`,
  ],
  [
    ({ AlarmName, NewStateValue }) => typeof AlarmName === 'string' && typeof NewStateValue === 'string',
    () => 'an alarm of CloudWatch: give alarms a topic of their own',
  ],
  [
    (value) => typeof value.default === 'string' && !('id' in value),
    () =>
      'a message for several protocols: publish it to SNS with MessageStructure json, or without "default" around it',
  ],
  [
    ({ requestContext, requestPayload }) => isObject(requestContext) && requestPayload !== undefined,
    () => 'a record of a Lambda destination: remove this queue from the destinations of that function',
  ],
];

/** Known forms of texts that are not JSON, told by their beginning. */
const TEXTS: readonly [form: RegExp, say: string][] = [
  [/^\s*$/, 'nothing: the body is empty'],
  [/^\ufeff?\s*<\S/, `XML or HTML: ${SAY_IT}`],
  [/^\u00ef\u00bb\u00bf/, 'text decoded as Latin-1, so that its byte order mark became three letters. Send UTF-8'],
  [
    /^\ufffd|^.?[^\t\r\n\P{Cc}]/u,
    'not UTF-8 text, but compressed or UTF-16. Send the JSON without compression, as UTF-8',
  ],
  [/^\s*[{[]\s*'/, 'not JSON, which needs "double quotes": it is an object printed by Python or JavaScript'],
  [/^\s*%7b/i, 'percent-encoded: send the JSON without that encoding'],
  [/^[\w.+-]+=[^\s{]*$/, `a form (URL-encoded): ${SAY_IT}`],
];

/**
 * Names the form of a body that is no notification, and says how to set up its sender. For people, without any content
 * of the body. Null where no known form fits. Never throws. Pure.
 */
export function foreignForm(body: string): string | null {
  if (body.length > LOOKED_INTO) return null;
  const value = parsed(body);
  if (value === undefined) return formOfText(body);
  if (typeof value === 'string') return formOfString(value);
  if (Array.isArray(value))
    return `a list: ${value.length > 1 ? 'each notification' : 'a notification'} is a message of its own`;
  return isObject(value) ? (OBJECTS.find(([fits]) => fits(value))?.[1](value) ?? null) : null;
}

/** 5 keys, and 40 characters of each: enough to find the sender. */
const NAMED = { keys: 5, characters: 40 };

/**
 * Lists the keys of a body that have no place in a notification, quoted and shortened; empty where there are none.
 * Pure.
 */
export function foreignKeys(body: string): string {
  const value = body.length > LOOKED_INTO ? undefined : parsed(body);
  const keys = isObject(value) ? Object.keys(value).filter((key) => key !== 'id' && key !== 'type') : [];
  const named = keys.slice(0, NAMED.keys).map((key) => JSON.stringify(key.slice(0, NAMED.characters)));
  return [...named, ...(keys.length > named.length ? [`${keys.length - named.length} more`] : [])].join(', ');
}

function formOfString(value: string): string {
  return isObject(parsed(value))
    ? 'JSON inside a JSON string: it was encoded twice. Encode it once'
    : (formOfText(value) ?? `a text: ${SAY_IT}`);
}

function formOfText(body: string): string | null {
  if (isBase64OfOther(body.trim())) return 'base64: send the JSON as it is, without encoding or compression';
  return TEXTS.find(([form]) => form.test(body))?.[1] ?? null;
}

/** True for base64, also in its form for URLs, of JSON or of compressed data: gzip, zlib, zstd. */
function isBase64OfOther(text: string): boolean {
  if (text.length < 8 || !/^[\w+/-]+={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text.slice(0, 64), 'base64');
  return (
    /^\s*[{["]/.test(bytes.toString('latin1')) || /^(?:1f8b|78(?:01|5e|9c|da)|28b52ffd)/.test(bytes.toString('hex'))
  );
}

function sourceOfRecords([record]: readonly unknown[]): string | null {
  const { eventSource, EventSource, kinesis } = (record ?? {}) as Fields;
  const source = eventSource ?? EventSource ?? (isObject(kinesis) ? 'aws:kinesis' : null);
  return typeof source === 'string' && /^aws:[a-z0-9-]{1,30}$/.test(source) ? source : null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
