import { readValue } from '../../../infrastructure/aws/ask.ts';
import {
  aws,
  type CheckInput,
  type CheckResult,
  type Defect,
  error,
  grant,
  notChecked,
  unreadable,
  warning,
} from '../finding.ts';

/** Checks that the topic exists. */
export function topic({ deployed, expected }: CheckInput): CheckResult {
  const name = expected.topology.topic;
  if ('notChecked' in deployed.topic) return [unreadable(name, deployed.topic.notChecked, 'sns:GetTopicAttributes')];
  return deployed.topic.value === null ? [error(name, 'the topic does not exist', expected.bringInLine)] : [];
}

/** Checks that the topic is encrypted. A stand-in encrypts nothing, so it is not checked. */
export function topicEncryption(input: CheckInput): CheckResult {
  const found = readValue(input.deployed.topic);
  const { topic: name } = input.expected.topology;
  if (found === null) return null;
  if (input.deployed.isStandIn)
    return [
      notChecked(name, 'encryption of topic and queues: a stand-in encrypts nothing', 'Run the doctor against AWS.'),
    ];
  if (found.encrypted) return [];
  const set = `sns set-topic-attributes --topic-arn ${found.arn} --attribute-name KmsMasterKeyId --attribute-value alias/aws/sns`;
  return [warning(name, 'rings are not encrypted at rest', aws(input, set))];
}

/** 10: SNS drops a message with more if delivery is raw, and SQS refuses it. */
const ATTRIBUTES = 10;

/** Checks that a ring has at most ten attributes, also as a dead letter. */
export function attributes({ expected: { attributes, topology } }: CheckInput): CheckResult {
  const all = [...attributes.ring, ...attributes.burial];
  if (all.length <= ATTRIBUTES) return [];
  const what = `a ring as a dead letter has ${all.length} attributes (${all.join(', ')}); with more than ten it is dropped`;
  return [error(topology.topic, what, 'Remove attributes in contracts/wire/attributes.ts.')];
}

/** Checks that the caller is known. */
export function credentials({ deployed: { caller } }: CheckInput): CheckResult {
  return 'notChecked' in caller ? [notChecked('credentials', caller.notChecked, grant('sts:GetCallerIdentity'))] : [];
}

/** 300 s: AWS refuses signatures that are five minutes or more away from its own time. */
const REFUSED_MS = 300_000;
/** 10 s: a synchronised clock is never so far off, and the service tells its time only to the second. */
const AWAY_MS = 10_000;

/** Compares the clock of this machine with that of the service. */
export function clock({ deployed: { skewMs } }: CheckInput): CheckResult {
  if ('notChecked' in skewMs) return [notChecked('clock', skewMs.notChecked, 'Compare by hand: date -u')];
  const { value } = skewMs;
  if (Math.abs(value) < AWAY_MS) return [];
  const what = `this machine's clock is ${Math.round(Math.abs(value) / 1_000)} s ${value > 0 ? 'ahead of' : 'behind'} the service's`;
  const remedy = 'Synchronise it: timedatectl set-ntp true, or chrony.';
  if (Math.abs(value) < REFUSED_MS) return [warning('clock', `${what}: times of rings are wrong`, remedy)];
  return [error('clock', `${what}: signatures of requests are refused`, remedy)];
}

/** Checks that the source API answers. */
export function source({ deployed: { source } }: CheckInput): CheckResult {
  if (source === null) return [notChecked('source API', 'its URL is not given', 'Set DOORBELL_SOURCE_URL.')];
  const { url, health } = source;
  const remedy = 'Start the publisher, or set DOORBELL_SOURCE_URL to its URL.';
  if ('notChecked' in health) return [error(url, `does not answer: ${health.notChecked}`, remedy)];
  if (health.value === 200) return [];
  return [
    error(url, `GET /healthz answers ${health.value}: the publisher is not healthy`, 'Read the log of the publisher.'),
  ];
}

/** Checks that each token opens the path of its agreement. */
export function tokens({ deployed: { source } }: CheckInput): CheckResult {
  if (source === null || 'notChecked' in source.health) return null;
  const given = Object.entries(source.tokens);
  if (given.length === 0)
    return [notChecked('token', 'no token is given', 'Set DOORBELL_CONSUMER and DOORBELL_SOURCE_TOKEN.')];
  return given.flatMap(([consumer, read]): Defect[] => {
    if ('notChecked' in read) return [notChecked(`token of ${consumer}`, read.notChecked, 'Try again.')];
    return read.value < 300 ? [] : [refusedToken(consumer, read.value)];
  });
}

/** Finds the cause of a refusal by the status of the answer. */
function refusedToken(consumer: string, status: number): Defect {
  const where = `token of ${consumer}`;
  if (status === 429)
    return notChecked(
      where,
      'the source API answers 429: too many requests',
      'Run the doctor again in a minute. If 429 comes again, raise DOORBELL_RATE_LIMIT of the publisher.',
    );
  const what = `the source API answers it with ${status}`;
  if (status >= 500) return error(where, what, 'Read the log of the publisher.');
  if (status === 401 || status === 403)
    return error(
      where,
      what,
      `Put the SHA-256 of this token into DOORBELL_SOURCE_TOKENS of the publisher, as ${consumer}=…`,
    );
  return error(
    where,
    what,
    `Set DOORBELL_SOURCE_URL to the URL of the publisher. If it is right, ` +
      `this release of the publisher does not know the agreement ${consumer}.`,
  );
}

/** Checks that the database answers, and that its schema is that of this release. */
export function database({ deployed: { database } }: CheckInput): CheckResult {
  if (database === null) return [notChecked('database', 'its URL is not given', 'Set DATABASE_URL.')];
  if ('notChecked' in database)
    return [
      error('database', `does not answer: ${database.notChecked}`, 'Start the database, or correct DATABASE_URL.'),
    ];
  const { pending, unknown, changed } = database.value;
  const names = (list: readonly string[]) => list.join(', ');
  return [
    ...(pending.length === 0
      ? []
      : [
          error(
            'database',
            `migrations are not applied: ${names(pending)}`,
            'Start the publisher with DATABASE_ADMIN_URL, or invoke publisher-migrate.',
          ),
        ]),
    ...(unknown.length === 0
      ? []
      : [
          error(
            'database',
            `migrations are applied that this release does not know: ${names(unknown)}`,
            'Use a release that is as new as the schema.',
          ),
        ]),
    ...(changed.length === 0
      ? []
      : [
          error(
            'database',
            `applied migrations were edited: ${names(changed)}`,
            'Undo the edit, and write a new migration instead.',
          ),
        ]),
  ];
}
