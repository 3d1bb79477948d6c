import { readValue } from '../../../infrastructure/aws/ask.ts';
import { aws, type CheckInput, type CheckResult, type Defect, error, warning } from '../finding.ts';
import type { ListedSubscription } from '../state.ts';
import { accountOf } from './statements.ts';

/**
 * Checks that only queues of this account are subscribed, and no dead-letter queue. Other queues of the account may
 * be.
 */
export function subscribers(input: CheckInput): CheckResult {
  const topic = readValue(input.deployed.topic);
  const listed = readValue(input.deployed.subscriptions);
  if (topic === null || listed === null) return null;
  return listed.flatMap((subscription) => problemOf(input, subscription, accountOf(topic.arn)) ?? []);
}

function problemOf(input: CheckInput, subscription: ListedSubscription, account: string): Defect | null {
  const { topic, consumers } = input.expected.topology;
  const { protocol, endpoint } = subscription;
  const remedy = unsubscribe(input, subscription);
  if (protocol !== 'sqs')
    return warning(topic, `it rings ${endpoint} by ${protocol}, but only queues should be subscribed`, remedy);
  const owner = accountOf(endpoint);
  if (owner !== account)
    return warning(topic, `it rings ${endpoint}, which belongs to another account (${owner})`, remedy);
  const name = endpoint.split(':')[5];
  const isForLetters = consumers.some((each) =>
    [each.deadLetterQueue.name, each.undeliveredQueue.name].includes(name ?? ''),
  );
  return isForLetters ? error(topic, `it rings ${name}: rings get lost there among the dead letters`, remedy) : null;
}

/** Says how to end a subscription. SNS itself deletes an unconfirmed one after 48 hours (What's new, May 2023). */
function unsubscribe(input: CheckInput, { arn }: ListedSubscription): string {
  if (!arn.startsWith('arn:')) return 'Do not confirm it: SNS deletes an unconfirmed subscription after 48 hours.';
  return aws(input, `sns unsubscribe --subscription-arn ${arn}`);
}
