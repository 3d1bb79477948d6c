import { readValue } from '../../../infrastructure/aws/ask.ts';
import { aws, type CheckResult, type ConsumerCheckInput, type Defect, error, unreadable, warning } from '../finding.ts';
import type { SubscriptionState } from '../state.ts';
import { compareFilter } from './filter.ts';

/** Checks that the queue is subscribed, and the subscription is confirmed. */
export function subscription(input: ConsumerCheckInput): CheckResult {
  const { place, state, deployed, expected } = input;
  if (readValue(state.queue) === null || readValue(deployed.topic) === null) return null;
  const { name } = place.queue;
  const read = state.subscription;
  const actions = 'sns:ListSubscriptionsByTopic, sns:GetSubscriptionAttributes';
  if ('notChecked' in read) return [unreadable(name, read.notChecked, actions)];
  if (read.value === null)
    return [error(name, 'it gets no rings: it is not subscribed to the topic', expected.bringInLine)];
  if (read.value.confirmed) return [];
  return [error(name, 'it gets no rings: its subscription is not confirmed', expected.bringInLine)];
}

/** Returns the subscription if it is confirmed: only then can its settings be read. */
function confirmed({ state }: ConsumerCheckInput): SubscriptionState | null {
  const found = readValue(state.subscription);
  return found?.confirmed ? found : null;
}

function set(input: ConsumerCheckInput, { arn }: SubscriptionState, name: string, value: string): string {
  const command = `sns set-subscription-attributes --subscription-arn ${arn} --attribute-name ${name} --attribute-value`;
  return aws(input, `${command} ${value.startsWith('{') ? `'${value}'` : value}`);
}

/** Checks raw delivery: with SNS's envelope around it, the body is no notification. */
export function rawDelivery(input: ConsumerCheckInput): CheckResult {
  const found = confirmed(input);
  if (found === null) return null;
  if (found.raw) return [];
  const what = 'raw delivery is off: rings come in an envelope, and each becomes a dead letter';
  return [error(input.place.queue.name, what, set(input, found, 'RawMessageDelivery', 'true'))];
}

/** Checks that the filter reads the body: a filter on attributes blocks every ring that has none. */
export function filterScope(input: ConsumerCheckInput): CheckResult {
  const found = confirmed(input);
  if (found === null || found.filterPolicy === null) return null;
  if (found.filterScope === 'MessageBody') return [];
  const what = 'its filter reads attributes: a ring without attributes never arrives';
  return [error(input.place.queue.name, what, set(input, found, 'FilterPolicyScope', 'MessageBody'))];
}

/** Checks that the filter lets through exactly the types of the agreement. */
export function filterPolicy(input: ConsumerCheckInput): CheckResult {
  const found = confirmed(input);
  if (found === null) return null;
  const { place } = input;
  const remedy = set(input, found, 'FilterPolicy', JSON.stringify(place.filterPolicy));
  const { lost, needless } = compareFilter(found.filterPolicy, place.filterPolicy.type);
  const what = [...lost, ...needless].join('; ');
  if (lost.length > 0) return [error(place.queue.name, what, remedy)];
  return needless.length > 0 ? [warning(place.queue.name, what, remedy)] : [];
}

/** Checks that rings that SNS can't deliver are kept. */
export function subscriptionDeadLetters(input: ConsumerCheckInput): CheckResult {
  const found = confirmed(input);
  const queue = readValue(input.state.undeliveredQueue);
  if (found === null || queue === null) return null;
  if (found.deadLetterTargetArn === queue.arn) return [];
  const remedy = set(input, found, 'RedrivePolicy', JSON.stringify({ deadLetterTargetArn: queue.arn }));
  const { deadLetterTargetArn: other } = found;
  const what = other === null ? 'is lost' : `goes to ${other}`;
  return [error(input.place.queue.name, `a ring that SNS can't deliver ${what}`, remedy)] satisfies Defect[];
}
