import { readValue } from '../../../infrastructure/aws/ask.ts';
import { count } from '../../../terminal.ts';
import {
  aws,
  type CheckResult,
  type ConsumerCheckInput,
  type Defect,
  duration,
  error,
  grant,
  notChecked,
  setQueue,
  unreadable,
  warning,
} from '../finding.ts';
import type { QueueState, WakerState } from '../state.ts';

/** Lists the three queues of a consumer, with their names. */
function queuesOf({ place, state }: ConsumerCheckInput) {
  return [
    { name: place.queue.name, read: state.queue },
    { name: place.deadLetterQueue.name, read: state.deadLetterQueue },
    { name: place.undeliveredQueue.name, read: state.undeliveredQueue },
  ];
}

/** Checks that all three queues exist. */
export function queues(input: ConsumerCheckInput): CheckResult {
  return queuesOf(input).flatMap(({ name, read }) => {
    if ('notChecked' in read) return [unreadable(name, read.notChecked, 'sqs:GetQueueUrl, sqs:GetQueueAttributes')];
    return read.value === null ? [error(name, 'the queue does not exist', makeQueue(input, name))] : [];
  });
}

/**
 * Says how to make a missing queue. CloudFormation does not notice a deleted queue, so it may have to be made by
 * hand.
 */
function makeQueue(input: ConsumerCheckInput, name: string): string {
  const { bringInLine } = input.expected;
  if (input.deployed.isRunHere) return bringInLine;
  const attributes = JSON.stringify({
    SqsManagedSseEnabled: 'true',
    MessageRetentionPeriod: `${input.place.queue.retentionSeconds}`,
  });
  const command = aws(input, `sqs create-queue --queue-name ${name} --attributes '${attributes}'`);
  return `${bringInLine}; if that finds no changes, the queue was deleted by hand: ${command}, then run the doctor again`;
}

/**
 * 6: Lambda requires six times the timeout of the function, so that a batch is not delivered again while it is
 * retried.
 */
const TIMEOUTS = 6;

/** Checks that a message stays invisible for as long as its handling may take. */
export function visibility(input: ConsumerCheckInput): CheckResult {
  const { place, state } = input;
  const queue = readValue(state.queue);
  if (queue === null) return null;
  const wakers = readValue(state.wakers) ?? [];
  const problems = wakers.flatMap((waker) => visibilityFor(input, queue, waker));
  const { visibilitySeconds: least } = place.queue;
  if (wakers.length > 0 || queue.visibilitySeconds >= least) return problems;
  const what = `a message is delivered again after ${queue.visibilitySeconds} s, and a look may take longer`;
  return [error(place.queue.name, what, setQueue(input, queue.url, { VisibilityTimeout: String(least) }))];
}

function visibilityFor(input: ConsumerCheckInput, queue: QueueState, waker: WakerState): Defect[] {
  const { name } = input.place.queue;
  if ('notChecked' in waker.timeoutSeconds)
    return [notChecked(name, waker.timeoutSeconds.notChecked, grant('lambda:GetFunctionConfiguration'))];
  const { value: timeout } = waker.timeoutSeconds;
  const least = TIMEOUTS * timeout;
  if (queue.visibilitySeconds >= least) return [];
  const what = `a message is delivered again after ${queue.visibilitySeconds} s; ${waker.functionName} may take ${timeout} s, and Lambda requires six times that`;
  return [error(name, what, setQueue(input, queue.url, { VisibilityTimeout: String(least) }))];
}

/** Checks that messages can be received at once. */
export function delay(input: ConsumerCheckInput): CheckResult {
  const queue = readValue(input.state.queue);
  if (queue === null) return null;
  if (queue.delaySeconds === 0) return [];
  const what = `each ring is delayed by ${queue.delaySeconds} s`;
  return [warning(input.place.queue.name, what, setQueue(input, queue.url, { DelaySeconds: '0' }))];
}

/** Checks that messages that were received too often go to the dead-letter queue of this consumer. */
export function redrivePolicy(input: ConsumerCheckInput): CheckResult {
  const { place, state, expected } = input;
  const queue = readValue(state.queue);
  const dead = readValue(state.deadLetterQueue);
  if (queue === null || dead === null) return null;
  if (queue.redrive?.deadLetterTargetArn === dead.arn) return [];
  const { maxReceiveCount } = expected.topology;
  const policy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount });
  const to = queue.redrive === null ? 'nowhere, and is received for ever' : `to ${queue.redrive.deadLetterTargetArn}`;
  const remedy = setQueue(input, queue.url, { RedrivePolicy: policy });
  return [error(place.queue.name, `a message that was received too often goes ${to}`, remedy)];
}

/** Checks maxReceiveCount. The consumer itself buries poison; the count is for a message that kills its process. */
export function maxReceiveCount(input: ConsumerCheckInput): CheckResult {
  const queue = readValue(input.state.queue);
  if (queue === null || queue.redrive === null) return null;
  const { maxReceiveCount: wanted } = input.expected.topology;
  const { maxReceiveCount: found, deadLetterTargetArn } = queue.redrive;
  if (found >= wanted) return [];
  const what = `maxReceiveCount is ${count(found)}, not ${count(wanted)}: while the source is away, good rings become dead letters`;
  const policy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: wanted });
  return [error(input.place.queue.name, what, setQueue(input, queue.url, { RedrivePolicy: policy }))];
}

/** Checks that the dead-letter queue takes letters of this queue, and of no other. */
export function redriveAllow(input: ConsumerCheckInput): CheckResult {
  const queue = readValue(input.state.queue);
  const dead = readValue(input.state.deadLetterQueue);
  if (queue === null || dead === null) return null;
  const { redrivePermission = 'allowAll', sourceQueueArns = [] } = dead.redriveAllow ?? {};
  if (redrivePermission === 'byQueue' && sourceQueueArns.includes(queue.arn)) return [];
  const policy = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [queue.arn] });
  const remedy = setQueue(input, dead.url, { RedriveAllowPolicy: policy });
  const { name } = input.place.deadLetterQueue;
  if (redrivePermission === 'allowAll')
    return [warning(name, 'any queue of the account may send its dead letters here', remedy)];
  return [error(name, `it refuses dead letters of ${input.place.queue.name} (${redrivePermission})`, remedy)];
}

/**
 * Checks that rings are kept as long as SQS can, and dead letters too: they keep the timestamp of their first
 * sending.
 */
export function retention(input: ConsumerCheckInput): CheckResult {
  const { place, state } = input;
  const queue = readValue(state.queue);
  if (queue === null) return null;
  const kept = queue.retentionSeconds;
  const others = [
    { spec: place.deadLetterQueue, read: readValue(state.deadLetterQueue) },
    { spec: place.undeliveredQueue, read: readValue(state.undeliveredQueue) },
  ];
  const longer = (url: string, seconds: number) => setQueue(input, url, { MessageRetentionPeriod: String(seconds) });
  const { retentionSeconds: wanted, name } = place.queue;
  const own = `rings are deleted after ${duration(kept)}, not ${duration(wanted)}`;
  return [
    ...(kept < wanted ? [error(name, own, longer(queue.url, wanted))] : []),
    ...others.flatMap(({ spec, read }) => {
      if (read === null || read.retentionSeconds >= Math.max(kept, wanted)) return [];
      const what = `dead letters are deleted ${duration(read.retentionSeconds)} after their first sending: sooner than rings in ${name}`;
      return [error(spec.name, what, longer(read.url, spec.retentionSeconds))];
    }),
  ];
}

/** Checks that the queues are encrypted. A stand-in encrypts nothing, so it is not checked. */
export function queueEncryption(input: ConsumerCheckInput): CheckResult {
  if (input.deployed.isStandIn) return null;
  return queuesOf(input).flatMap(({ name, read }) => {
    const queue = readValue(read);
    if (queue === null || queue.encryption === 'kms' || queue.encryption === 'sqs') return [];
    const remedy = setQueue(input, queue.url, { SqsManagedSseEnabled: 'true' });
    if (queue.encryption === 'aws')
      return [error(name, 'SNS may not use the key alias/aws/sqs, so no ring arrives', remedy)];
    return [warning(name, 'messages are not encrypted at rest', remedy)];
  });
}

/** Checks that the dead-letter queue is empty. */
export function deadLetters(input: ConsumerCheckInput): CheckResult {
  const { place, state, deployed } = input;
  const dead = readValue(state.deadLetterQueue);
  const queue = readValue(state.queue);
  if (dead === null) return null;
  if (dead.messages === 0) return [];
  const back = `sqs start-message-move-task --source-arn ${dead.arn} --destination-arn ${queue?.arn ?? 'QUEUE'}`;
  const remedy = deployed.isRunHere
    ? `npm run doorbell -- dlq list --consumer ${place.consumer}`
    : `${aws(input, `sqs receive-message --queue-url ${dead.url} --message-attribute-names All`)} shows one with its reason; when the reason is gone: ${aws(input, back)}`;
  return [warning(place.deadLetterQueue.name, `~${count(dead.messages)} dead letters`, remedy)];
}

/** Checks that SNS could deliver every ring. */
export function undelivered(input: ConsumerCheckInput): CheckResult {
  const { place, state } = input;
  const queue = readValue(state.undeliveredQueue);
  if (queue === null) return null;
  if (queue.messages === 0) return [];
  const remedy = `When the queue accepts rings again: npm run doorbell -- replay --consumer ${place.consumer} --since TIME, then ${aws(input, `sqs purge-queue --queue-url ${queue.url}`)}`;
  return [error(place.undeliveredQueue.name, `SNS could not deliver ~${count(queue.messages)} rings`, remedy)];
}
