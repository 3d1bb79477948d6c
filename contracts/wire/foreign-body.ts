/** 64 KiB: what is larger is not looked into; one message of it would take longer than a thousand rings. */
const LOOKED_INTO = 64 * 1024;

const SAY_IT = 'send {"id":…,"type":…} and nothing around it';

type Fields = Readonly<Record<string, unknown>>;

/** Keys by which a form is told, and what to do. The first that fits counts. */
const OBJECTS: readonly [fits: (value: Fields) => boolean, say: (value: Fields) => string][] = [
  [
    ({ Type, TopicArn }) => Type === 'Notification' && typeof TopicArn === 'string',
    () =>
      'an SNS envelope: raw message delivery is off for this subscription. Set its attribute RawMessageDelivery to true; ' +
      'npm run doorbell -- doctor names it',
  ],
  [
    ({ Type, TopicArn }) => typeof Type === 'string' && /Confirmation$/.test(Type) && typeof TopicArn === 'string',
    () => 'the confirmation of a subscription at SNS, and no ring: confirm it by its SubscribeURL, or remove it',
  ],
  [
    (value) => 'detail-type' in value && 'source' in value,
    () =>
      `an event of EventBridge: a rule has this queue as its target. Remove the target, or let its input transformer ${SAY_IT}`,
  ],
  [
    ({ Records }) => Array.isArray(Records) && sourceOfRecords(Records) !== null,
    ({ Records }) =>
      `records of ${sourceOfRecords(Records as unknown[])}: take this queue out of where they are sent from`,
  ],
  [
    ({ Service, Event }) => Service === 'Amazon S3' && Event === 's3:TestEvent',
    () => 'a test event of S3: take this queue out of the notifications of the bucket',
  ],
  [
    (value) => typeof value.specversion === 'string' && 'source' in value,
    () => `a CloudEvent in structured mode: ${SAY_IT}; what else there is to say goes into attributes`,
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
    () => 'a record of a Lambda destination: take this queue out of the destinations of that function',
  ],
];

/** Beginnings by which a form that is no JSON is told. */
const TEXTS: readonly [form: RegExp, say: string][] = [
  [/^\s*$/, 'nothing: the body is empty'],
  [/^\ufeff?\s*<\S/, `XML or HTML: ${SAY_IT}`],
  [/^\u00ef\u00bb\u00bf/, 'text that was read as Latin-1: its byte order mark has become three letters. Send UTF-8'],
  [/^\ufffd|^.?[^\t\r\n\P{Cc}]/u, 'no text in UTF-8: it is compressed, or UTF-16. Send the JSON as it is'],
  [/^\s*[{[]\s*'/, 'no JSON, which takes "double quotes": it is how Python or JavaScript writes an object'],
  [/^\s*%7b/i, 'percent-encoded: send the JSON as it is'],
  [/^[\w.+-]+=[^\s{]*$/, `a form (URL-encoded): ${SAY_IT}`],
];

/**
 * What a body that is no notification seems to be, and what to set so that notifications come: for people, without anything
 * of its content. Null where it is like nothing known. Never throws. Pure.
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

/** 5 keys, and 40 characters of each: enough to know who sent it. */
const NAMED = { keys: 5, characters: 40 };

/** The keys of a body that have no place in a notification, quoted and shortened; empty where there are none. Pure. */
export function foreignKeys(body: string): string {
  const value = body.length > LOOKED_INTO ? undefined : parsed(body);
  const keys = isObject(value) ? Object.keys(value).filter((key) => key !== 'id' && key !== 'type') : [];
  const named = keys.slice(0, NAMED.keys).map((key) => JSON.stringify(key.slice(0, NAMED.characters)));
  return [...named, ...(keys.length > named.length ? [`${keys.length - named.length} more`] : [])].join(', ');
}

function formOfString(value: string): string {
  return isObject(parsed(value))
    ? 'JSON inside a JSON string: it was encoded twice. Send it as it is'
    : (formOfText(value) ?? `a text: ${SAY_IT}`);
}

function formOfText(body: string): string | null {
  if (isBase64OfOther(body.trim())) return 'base64: send the JSON as it is, without encoding or compression';
  return TEXTS.find(([form]) => form.test(body))?.[1] ?? null;
}

/** Base64, or its form for URLs, of JSON or of something compressed: gzip, zlib, zstd. */
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
