import { readValue } from '../../../infrastructure/aws/ask.ts';
import { placeSettings } from '../../../infrastructure/settings.ts';
import { type CheckResult, type ConsumerCheckInput, type Defect, error, setQueue, warning } from '../finding.ts';
import type { PolicyStatement, QueueState } from '../state.ts';
import { ANYONE, accountOf, conditionsIn, isLike, isOf, many, named, refusesPlainText, whoIn } from './statements.ts';

/**
 * Checks that the topic may send to the queue and to the undelivered queue, and that the policies allow nothing else.
 */
export function queuePolicies(input: ConsumerCheckInput): CheckResult {
  const { place, state, deployed } = input;
  const topic = readValue(deployed.topic);
  if (topic === null) return null;
  const right = rightPolicies(input, topic.arn);
  const queues = (['queue', 'deadLetterQueue', 'undeliveredQueue'] as const).flatMap((kind) => {
    const queue = readValue(state[kind]);
    return queue === null ? [] : [{ kind, queue }];
  });
  if (queues.length === 0) return null;
  return queues.flatMap(({ kind, queue }) => {
    const remedy = setQueue(input, queue.url, { Policy: JSON.stringify(right[kind]) });
    // The policy of a dead-letter queue allows no sender: the consumer sends by its role, and SQS moves letters itself.
    return problemsOf(place[kind].name, queue, kind === 'deadLetterQueue' ? null : topic.arn, remedy);
  });
}

/** Makes the policies of the topology. */
function rightPolicies({ place, state, expected }: ConsumerCheckInput, topic: string) {
  const arnOf = (read: ConsumerCheckInput['state']['queue']) => readValue(read)?.arn ?? '';
  const arns = {
    queue: arnOf(state.queue),
    deadLetterQueue: arnOf(state.deadLetterQueue),
    undeliveredQueue: arnOf(state.undeliveredQueue),
  };
  return placeSettings(place, expected.topology, { topic, account: accountOf(topic), ...arns }).policies;
}

function problemsOf(name: string, queue: QueueState, topicArn: string | null, remedy: string): Defect[] {
  const statements = many(queue.policy?.Statement);
  const allowing = statements.filter(({ Effect }) => Effect === 'Allow');
  const isAdmitted = topicArn === null || allowing.some((each) => admits(each, topicArn, queue.arn));
  const others = allowing.filter((each) => topicArn === null || !admitsOnly(each, topicArn, queue.arn));
  const plainText = statements.filter((each) => refusesPlainText(each, SENDING));
  const refusals = statements.filter(
    (each) => each.Effect === 'Deny' && isOf(each, SENDING) && !plainText.includes(each),
  );
  return [
    ...(isAdmitted ? [] : [error(name, `its policy does not let ${topicArn} send`, remedy)]),
    ...refusals.map((statement) => refusal(name, statement, remedy)),
    ...others.map((statement) =>
      warning(name, `its policy also allows ${whatIn(statement)} to ${whoIn(statement)}`, remedy),
    ),
    ...(plainText.length > 0 ? [] : [warning(name, 'its policy does not refuse requests without TLS', remedy)]),
  ];
}

function refusal(name: string, statement: PolicyStatement, remedy: string): Defect {
  const what = `its policy refuses messages of ${whoIn(statement)}, which may include the topic`;
  return statement.Condition === undefined ? error(name, what, remedy) : warning(name, what, remedy);
}

const SENDING = 'sqs:SendMessage';

/** Tells whether a statement lets SNS send for this topic. A condition that we don't know counts as no. */
function admits(statement: PolicyStatement, topicArn: string, queueArn: string): boolean {
  const { Principal, Resource } = statement;
  const wanted: Record<string, string> = { 'aws:sourcearn': topicArn, 'aws:sourceaccount': accountOf(topicArn) };
  return (
    isOf(statement, SENDING) &&
    (isSns(Principal) || named(Principal) === ANYONE) &&
    (Resource === undefined || many(Resource).some((pattern) => isLike(pattern, queueArn))) &&
    conditionsIn(statement).every(
      ({ operator, key, values }) =>
        /^(Arn|String)(Equals|Like)$/.test(operator) &&
        values.some((value) => wanted[key] !== undefined && isLike(value, wanted[key])),
    )
  );
}

/** Tells whether a statement lets SNS send for this topic only. */
function admitsOnly(statement: PolicyStatement, topicArn: string, queueArn: string): boolean {
  const sources = conditionsIn(statement).filter(({ key }) => key === 'aws:sourcearn');
  const isExact = sources.some(({ values }) => values.every((value) => value === topicArn));
  return isSns(statement.Principal) && isExact && admits(statement, topicArn, queueArn);
}

const isSns = (principal: PolicyStatement['Principal']) =>
  JSON.stringify(principal) === '{"Service":"sns.amazonaws.com"}';

function whatIn(statement: PolicyStatement): string {
  if (isOf(statement, SENDING)) return SENDING;
  return many(statement.Action).join(', ');
}
