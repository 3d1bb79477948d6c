import { readValue } from '../../../infrastructure/aws/ask.ts';
import { placeSettings } from '../../../infrastructure/settings.ts';
import { type CheckResult, type ConsumerCheckInput, error, type Problem, setQueue, warning } from '../finding.ts';
import type { PolicyStatement, QueueState } from '../state.ts';
import { accountOf, conditionsIn, isLike, isOf, many, named, refusesPlainText, whoIn } from './statements.ts';

/** The topic may send to the queue and to that for the undelivered; nobody else may do anything, as far as can be read. */
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
    // Nobody sends to the dead-letter queue by its policy: the consumer has its role, and redriving is SQS's own.
    return problemsOf(place[kind].name, queue, kind === 'deadLetterQueue' ? null : topic.arn, remedy);
  });
}

/** The policies that the topology says. */
function rightPolicies({ place, state, expected }: ConsumerCheckInput, topic: string) {
  const arnOf = (read: ConsumerCheckInput['state']['queue']) => readValue(read)?.arn ?? '';
  const arns = {
    queue: arnOf(state.queue),
    deadLetterQueue: arnOf(state.deadLetterQueue),
    undeliveredQueue: arnOf(state.undeliveredQueue),
  };
  return placeSettings(place, expected.topology, { topic, account: accountOf(topic), ...arns }).policies;
}

function problemsOf(name: string, queue: QueueState, topicArn: string | null, remedy: string): Problem[] {
  const statements = many(queue.policy?.Statement);
  const allowing = statements.filter(({ Effect }) => Effect === 'Allow');
  const isAdmitted = topicArn === null || allowing.some((each) => admits(each, topicArn, queue.arn));
  const others = allowing.filter((each) => topicArn === null || !admitsOnly(each, topicArn, queue.arn));
  const plainText = statements.filter((each) => refusesPlainText(each, SENDING));
  const refusals = statements.filter(
    (each) => each.Effect === 'Deny' && isOf(each, SENDING) && !plainText.includes(each),
  );
  return [
    ...(isAdmitted ? [] : [error(name, `its policy doesn't let ${topicArn} send`, remedy)]),
    ...refusals.map((statement) => refusal(name, statement, remedy)),
    ...others.map((statement) =>
      warning(name, `its policy lets ${whoIn(statement)} ${whatIn(statement)}, too`, remedy),
    ),
    ...(plainText.length > 0 ? [] : [warning(name, "its policy doesn't refuse what comes without TLS", remedy)]),
  ];
}

function refusal(name: string, statement: PolicyStatement, remedy: string): Problem {
  const what = `its policy refuses what ${whoIn(statement)} sends: that may be the topic's`;
  return statement.Condition === undefined ? error(name, what, remedy) : warning(name, what, remedy);
}

const SENDING = 'sqs:SendMessage';

/** SNS may send in the name of this topic, and perhaps of others; a condition that we don't know could keep it away. */
function admits(statement: PolicyStatement, topicArn: string, queueArn: string): boolean {
  const { Principal, Resource } = statement;
  const wanted: Record<string, string> = { 'aws:sourcearn': topicArn, 'aws:sourceaccount': accountOf(topicArn) };
  return (
    isOf(statement, SENDING) &&
    (isSns(Principal) || named(Principal) === 'anybody') &&
    (Resource === undefined || many(Resource).some((pattern) => isLike(pattern, queueArn))) &&
    conditionsIn(statement).every(
      ({ operator, key, values }) =>
        /^(Arn|String)(Equals|Like)$/.test(operator) &&
        values.some((value) => wanted[key] !== undefined && isLike(value, wanted[key])),
    )
  );
}

/** SNS may send in the name of this topic, and of no other. */
function admitsOnly(statement: PolicyStatement, topicArn: string, queueArn: string): boolean {
  const sources = conditionsIn(statement).filter(({ key }) => key === 'aws:sourcearn');
  const isExact = sources.some(({ values }) => values.every((value) => value === topicArn));
  return isSns(statement.Principal) && isExact && admits(statement, topicArn, queueArn);
}

const isSns = (principal: PolicyStatement['Principal']) =>
  JSON.stringify(principal) === '{"Service":"sns.amazonaws.com"}';

function whatIn(statement: PolicyStatement): string {
  if (isOf(statement, SENDING)) return 'send';
  return many(statement.Action).join(', ');
}
