import { readValue } from '../../../infrastructure/aws/ask.ts';
import {
  aws,
  type CheckResult,
  type ConsumerCheckInput,
  error,
  type Problem,
  unreadable,
  warning,
} from '../finding.ts';
import type { SubscriptionState } from '../state.ts';
import { compareFilter } from './filter.ts';

/** The queue is subscribed, and the subscription is confirmed. */
export function subscription(input: ConsumerCheckInput): CheckResult {
  const { place, state, deployed, expected } = input;
  if (readValue(state.queue) === null || readValue(deployed.topic) === null) return null;
  const { name } = place.queue;
  const read = state.subscription;
  const actions = 'sns:ListSubscriptionsByTopic, sns:GetSubscriptionAttributes';
  if ('notChecked' in read) return [unreadable(name, read.notChecked, actions)];
  if (read.value === null)
    return [error(name, 'the topic does not ring it: there is no subscription', expected.bringInLine)];
  if (read.value.confirmed) return [];
  return [error(name, 'its subscription is not confirmed, so nothing comes', expected.bringInLine)];
}

/** The confirmed subscription, of which the rest can be said. */
function confirmed({ state }: ConsumerCheckInput): SubscriptionState | null {
  const found = readValue(state.subscription);
  return found?.confirmed ? found : null;
}

function set(input: ConsumerCheckInput, { arn }: SubscriptionState, name: string, value: string): string {
  const command = `sns set-subscription-attributes --subscription-arn ${arn} --attribute-name ${name} --attribute-value`;
  return aws(input, `${command} ${value.startsWith('{') ? `'${value}'` : value}`);
}

/** The body comes as it was sent: in an envelope it would be no notification. */
export function rawDelivery(input: ConsumerCheckInput): CheckResult {
  const found = confirmed(input);
  if (found === null) return null;
  if (found.raw) return [];
  const what = 'rings come in an envelope (raw delivery is off): each would become a dead letter';
  return [error(input.place.queue.name, what, set(input, found, 'RawMessageDelivery', 'true'))];
}

/** The filter goes by the body: SNS lets no ring without attributes through a filter on them. */
export function filterScope(input: ConsumerCheckInput): CheckResult {
  const found = confirmed(input);
  if (found === null || found.filterPolicy === null) return null;
  if (found.filterScope === 'MessageBody') return [];
  const what = 'its filter goes by attributes: a ring whose publisher sets none never comes';
  return [error(input.place.queue.name, what, set(input, found, 'FilterPolicyScope', 'MessageBody'))];
}

/** The filter lets through exactly what the agreement names. */
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

/** What SNS can't deliver is kept. */
export function subscriptionDeadLetters(input: ConsumerCheckInput): CheckResult {
  const found = confirmed(input);
  const queue = readValue(input.state.undeliveredQueue);
  if (found === null || queue === null) return null;
  if (found.deadLetterTargetArn === queue.arn) return [];
  const remedy = set(input, found, 'RedrivePolicy', JSON.stringify({ deadLetterTargetArn: queue.arn }));
  const { deadLetterTargetArn: other } = found;
  const what = other === null ? 'is lost' : `goes to ${other}`;
  return [error(input.place.queue.name, `what SNS can't deliver ${what}`, remedy)] satisfies Problem[];
}
