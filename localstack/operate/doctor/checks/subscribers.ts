import { readValue } from '../../../infrastructure/aws/ask.ts';
import { aws, type CheckInput, type CheckResult, error, type Problem, warning } from '../finding.ts';
import type { ListedSubscription } from '../state.ts';
import { accountOf } from './statements.ts';

/** Only queues of this account listen to the topic, and none that is for letters. A queue that we don't know may be somebody's. */
export function subscribers(input: CheckInput): CheckResult {
  const topic = readValue(input.deployed.topic);
  const listed = readValue(input.deployed.subscriptions);
  if (topic === null || listed === null) return null;
  return listed.flatMap((subscription) => problemOf(input, subscription, accountOf(topic.arn)) ?? []);
}

function problemOf(input: CheckInput, subscription: ListedSubscription, account: string): Problem | null {
  const { topic, consumers } = input.expected.topology;
  const { protocol, endpoint } = subscription;
  const remedy = unsubscribe(input, subscription);
  if (protocol !== 'sqs')
    return warning(topic, `it rings ${endpoint} by ${protocol}, and only queues should listen`, remedy);
  const owner = accountOf(endpoint);
  if (owner !== account) return warning(topic, `it rings ${endpoint}, which is of another account (${owner})`, remedy);
  const name = endpoint.split(':')[5];
  const isForLetters = consumers.some((each) =>
    [each.deadLetterQueue.name, each.undeliveredQueue.name].includes(name ?? ''),
  );
  return isForLetters ? error(topic, `it rings ${name}: rings are buried there among the letters`, remedy) : null;
}

/** 48 hours: SNS forgets by itself what nobody confirmed, and there is no ARN to name it by (What's new of May 2023). */
function unsubscribe(input: CheckInput, { arn }: ListedSubscription): string {
  if (!arn.startsWith('arn:')) return 'Let nobody confirm it: SNS forgets it after 48 hours.';
  return aws(input, `sns unsubscribe --subscription-arn ${arn}`);
}
