import { readValue } from '../../aws/ask.ts';
import { placeSettings } from '../../settings.ts';
import { type ConsumerLook, error, type Outcome, type Problem, setQueue, warning } from '../finding.ts';
import type { QueueState, Statement } from '../state.ts';

/** The topic may send to the queue and to that for the undelivered; nobody else, as far as can be read. */
export function queuePolicies(look: ConsumerLook): Outcome {
  const { place, state, deployed } = look;
  const topic = readValue(deployed.topic);
  if (topic === null) return null;
  const right = rightPolicies(look, topic.arn);
  const queues = [
    { name: place.queue.name, queue: readValue(state.queue), policy: right.queue },
    { name: place.undeliveredQueue.name, queue: readValue(state.undeliveredQueue), policy: right.undeliveredQueue },
  ].flatMap(({ queue, ...rest }) => (queue === null ? [] : [{ queue, ...rest }]));
  if (queues.length === 0) return null;
  return queues.flatMap(({ name, queue, policy }) => {
    const remedy = setQueue(look, queue.url, { Policy: JSON.stringify(policy) });
    return problemsOf(name, queue, topic.arn, remedy);
  });
}

/** The policies that the topology says. */
function rightPolicies({ place, state, expected }: ConsumerLook, topic: string) {
  const [, , , , account = ''] = topic.split(':');
  const arnOf = (read: ConsumerLook['state']['queue']) => readValue(read)?.arn ?? '';
  const arns = {
    queue: arnOf(state.queue),
    deadLetterQueue: arnOf(state.deadLetterQueue),
    undeliveredQueue: arnOf(state.undeliveredQueue),
  };
  return placeSettings(place, expected.topology, { topic, account, ...arns }).policies;
}

function problemsOf(name: string, queue: QueueState, topicArn: string, remedy: string): Problem[] {
  const statements = many(queue.policy?.Statement);
  const senders = statements.filter(({ Effect, Action }) => Effect === 'Allow' && many(Action).some(allowsSending));
  const isAdmitted = senders.some((statement) => admits(statement, topicArn));
  const others = senders.filter((statement) => !admitsOnly(statement, topicArn));
  return [
    ...(!isAdmitted ? [error(name, `its policy doesn't let ${topicArn} send`, remedy)] : []),
    ...others.map((statement) => warning(name, `its policy lets ${whoIn(statement)} send, too`, remedy)),
    ...(statements.some(deniesPlainText)
      ? []
      : [warning(name, "its policy doesn't refuse what comes without TLS", remedy)]),
  ];
}

/** SQS takes the word in any case, and a star for the rest of it. */
const allowsSending = (action: string) => matches(action.toLowerCase(), 'sqs:sendmessage');

/** Whether a pattern of a policy, in which a star is anything, fits a text. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[^\w:/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

/** SNS may send in the name of this topic, and perhaps of others. */
function admits(statement: Statement, topicArn: string): boolean {
  const sources = sourcesOf(statement);
  const isFree = sources.length === 0;
  return (isOfSns(statement) || isOfAll(statement)) && (isFree || sources.some((arn) => matches(arn, topicArn)));
}

/** SNS may send in the name of this topic, and of no other. */
function admitsOnly(statement: Statement, topicArn: string): boolean {
  const sources = sourcesOf(statement);
  return isOfSns(statement) && sources.length > 0 && sources.every((arn) => arn === topicArn);
}

const isOfSns = ({ Principal }: Statement) =>
  typeof Principal === 'object' && many(Principal.Service).includes('sns.amazonaws.com');

const isOfAll = ({ Principal }: Statement) =>
  Principal === '*' || (typeof Principal === 'object' && many(Principal.AWS).includes('*'));

/** The ARNs that a statement asks the sender to have; none if it doesn't ask. */
function sourcesOf({ Condition = {} }: Statement): string[] {
  return Object.entries(Condition)
    .filter(([operator]) => /^(ArnEquals|ArnLike|StringEquals|StringLike)$/.test(operator))
    .flatMap(([, keys]) => Object.entries(keys))
    .filter(([key]) => key.toLowerCase() === 'aws:sourcearn')
    .flatMap(([, values]) => many(values));
}

function whoIn({ Sid, Principal, Condition }: Statement): string {
  const who = typeof Principal === 'string' ? Principal : JSON.stringify(Principal);
  const where = Condition === undefined ? 'on no condition' : `if ${JSON.stringify(Condition)}`;
  return `${isOfAll({ Principal } as Statement) ? 'anybody' : who} ${where}${Sid === undefined ? '' : ` (${Sid})`}`;
}

function deniesPlainText({ Effect, Condition = {} }: Statement): boolean {
  return Effect === 'Deny' && String(Condition.Bool?.['aws:SecureTransport']) === 'false';
}

/** One or a list, as policies write it. */
function many<Value>(value: Value | Value[] | undefined): Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
