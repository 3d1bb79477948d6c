import { readValue } from '../../../infrastructure/aws/ask.ts';
import {
  aws,
  type CheckInput,
  type CheckResult,
  error,
  grant,
  notChecked,
  type Problem,
  unreadable,
  warning,
} from '../finding.ts';

/** The topic is there. */
export function topic({ deployed, expected }: CheckInput): CheckResult {
  const name = expected.topology.topic;
  if ('notChecked' in deployed.topic) return [unreadable(name, deployed.topic.notChecked, 'sns:GetTopicAttributes')];
  return deployed.topic.value === null ? [error(name, 'there is no such topic', expected.bringInLine)] : [];
}

/** Encryption is stated. A stand-in encrypts nothing, whatever it says. */
export function topicEncryption(input: CheckInput): CheckResult {
  const found = readValue(input.deployed.topic);
  const { topic: name } = input.expected.topology;
  if (found === null) return null;
  if (input.deployed.isStandIn)
    return [notChecked(name, 'encryption of topic and queues: a stand-in encrypts nothing', 'Ask the same of AWS.')];
  if (found.encrypted) return [];
  const set = `sns set-topic-attributes --topic-arn ${found.arn} --attribute-name KmsMasterKeyId --attribute-value alias/aws/sns`;
  return [warning(name, 'rings are not encrypted where they lie', aws(input, set))];
}

/** 10: SNS drops a message with more, where delivery is raw; SQS refuses it. */
const ATTRIBUTES = 10;

/** A ring travels with at most ten attributes, also as a dead letter. */
export function attributes({ expected: { attributes, topology } }: CheckInput): CheckResult {
  const all = [...attributes.ring, ...attributes.burial];
  if (all.length <= ATTRIBUTES) return [];
  const what = `a ring and its burial have ${all.length} attributes (${all.join(', ')}); more than ten are dropped`;
  return [error(topology.topic, what, 'Take attributes away in contracts/wire/attributes.ts.')];
}

/** Who asks is known. */
export function credentials({ deployed: { caller } }: CheckInput): CheckResult {
  return 'notChecked' in caller ? [notChecked('credentials', caller.notChecked, grant('sts:GetCallerIdentity'))] : [];
}

/** 300 s: AWS refuses a signature of another time than its own, five minutes away or more. */
const REFUSED_MS = 300_000;
/** 10 s: a clock that is kept is never so far away; the service says its time to the second. */
const AWAY_MS = 10_000;

/** This machine's clock is right, by the service's. */
export function clock({ deployed: { skewMs } }: CheckInput): CheckResult {
  if ('notChecked' in skewMs) return [notChecked('clock', skewMs.notChecked, 'Compare by hand: date -u')];
  const { value } = skewMs;
  if (Math.abs(value) < AWAY_MS) return [];
  const what = `this machine's clock is ${Math.round(Math.abs(value) / 1_000)} s ${value > 0 ? 'ahead of' : 'behind'} the service's`;
  const remedy = 'Let it be kept: timedatectl set-ntp true, or chrony.';
  if (Math.abs(value) < REFUSED_MS) return [warning('clock', `${what}: times of rings are wrong`, remedy)];
  return [error('clock', `${what}: signatures of requests are refused`, remedy)];
}

/** The source API answers. */
export function source({ deployed: { source } }: CheckInput): CheckResult {
  if (source === null) return [notChecked('source API', 'nobody said where it is', 'Set DOORBELL_SOURCE_URL.')];
  const { url, health } = source;
  const remedy = 'Start the publisher, or set DOORBELL_SOURCE_URL to where it is.';
  if ('notChecked' in health) return [error(url, `does not answer: ${health.notChecked}`, remedy)];
  if (health.value === 200) return [];
  return [
    error(url, `GET /healthz is answered by ${health.value}: it is not well`, "CheckInput at the publisher's log."),
  ];
}

/** Each token opens what its agreement names. */
export function tokens({ deployed: { source } }: CheckInput): CheckResult {
  if (source === null || 'notChecked' in source.health) return null;
  const given = Object.entries(source.tokens);
  if (given.length === 0)
    return [notChecked('token', 'none was given', 'Set DOORBELL_CONSUMER and DOORBELL_SOURCE_TOKEN.')];
  return given.flatMap(([consumer, read]): Problem[] => {
    if ('notChecked' in read) return [notChecked(`token of ${consumer}`, read.notChecked, 'Try again.')];
    return read.value < 300 ? [] : [refusedToken(consumer, read.value)];
  });
}

/** The answer says whose fault it is. */
function refusedToken(consumer: string, status: number): Problem {
  const where = `token of ${consumer}`;
  if (status === 429)
    return notChecked(
      where,
      'the source API answers by 429: too many requests',
      'Ask again in a minute; if it stays so, raise DOORBELL_RATE_LIMIT of the publisher.',
    );
  const what = `the source API answers it by ${status}`;
  if (status >= 500) return error(where, what, "CheckInput at the publisher's log.");
  if (status === 401 || status === 403)
    return error(
      where,
      what,
      `Put the SHA-256 of this token into DOORBELL_SOURCE_TOKENS of the publisher, as ${consumer}=…`,
    );
  return error(
    where,
    what,
    `Set DOORBELL_SOURCE_URL to the publisher's own address; if it is, his release doesn't know the agreement ${consumer}.`,
  );
}

/** The database answers, and its schema is this release's. */
export function database({ deployed: { database } }: CheckInput): CheckResult {
  if (database === null) return [notChecked('database', 'nobody said where it is', 'Set DATABASE_URL.')];
  if ('notChecked' in database)
    return [error('database', `does not answer: ${database.notChecked}`, 'Is it running, and is DATABASE_URL right?')];
  const { pending, unknown, changed } = database.value;
  const names = (list: readonly string[]) => list.join(', ');
  return [
    ...(pending.length === 0
      ? []
      : [
          error(
            'database',
            `${names(pending)} not applied`,
            'Start the publisher with DATABASE_ADMIN_URL, or invoke publisher-migrate.',
          ),
        ]),
    ...(unknown.length === 0
      ? []
      : [
          error(
            'database',
            `${names(unknown)} applied, which this release doesn't know`,
            'Use a release as new as the database.',
          ),
        ]),
    ...(changed.length === 0
      ? []
      : [
          error('database', `${names(changed)} applied with other text`, 'Undo the edit and write a new file instead.'),
        ]),
  ];
}
