import { readValue } from '../../../infrastructure/aws/ask.ts';
import { count } from '../../../terminal.ts';
import {
  aws,
  type CheckResult,
  type ConsumerCheckInput,
  duration,
  error,
  grant,
  notChecked,
  type Problem,
  setQueue,
  unreadable,
  warning,
} from '../finding.ts';
import type { QueueState, WakerState } from '../state.ts';

/** The three queues of a consumer, each with its name and what was read of it. */
function queuesOf({ place, state }: ConsumerCheckInput) {
  return [
    { name: place.queue.name, read: state.queue },
    { name: place.deadLetterQueue.name, read: state.deadLetterQueue },
    { name: place.undeliveredQueue.name, read: state.undeliveredQueue },
  ];
}

/** All three queues are there. */
export function queues(input: ConsumerCheckInput): CheckResult {
  return queuesOf(input).flatMap(({ name, read }) => {
    if ('notChecked' in read) return [unreadable(name, read.notChecked, 'sqs:GetQueueUrl, sqs:GetQueueAttributes')];
    return read.value === null ? [error(name, 'there is no such queue', makeQueue(input, name))] : [];
  });
}

/** CloudFormation doesn't see that somebody deleted a queue; one of the same name takes its place, and more is then found of it. */
function makeQueue(input: ConsumerCheckInput, name: string): string {
  const { bringInLine } = input.expected;
  if (input.deployed.isRunHere) return bringInLine;
  const attributes = JSON.stringify({
    SqsManagedSseEnabled: 'true',
    MessageRetentionPeriod: `${input.place.queue.retentionSeconds}`,
  });
  const command = aws(input, `sqs create-queue --queue-name ${name} --attributes '${attributes}'`);
  return `${bringInLine}; where that finds no changes, somebody deleted it: ${command}, and ask the doctor again`;
}

/** 6: Lambda asks for six times the function's timeout, so that a batch that it retries isn't handed out meanwhile. */
const TIMEOUTS = 6;

/** A message stays invisible for as long as its handling may take. */
export function visibility(input: ConsumerCheckInput): CheckResult {
  const { place, state } = input;
  const queue = readValue(state.queue);
  if (queue === null) return null;
  const wakers = readValue(state.wakers) ?? [];
  const problems = wakers.flatMap((waker) => visibilityFor(input, queue, waker));
  const { visibilitySeconds: least } = place.queue;
  if (wakers.length > 0 || queue.visibilitySeconds >= least) return problems;
  const what = `a message is handed out again after ${queue.visibilitySeconds} s; a look may take longer`;
  return [error(place.queue.name, what, setQueue(input, queue.url, { VisibilityTimeout: String(least) }))];
}

function visibilityFor(input: ConsumerCheckInput, queue: QueueState, waker: WakerState): Problem[] {
  const { name } = input.place.queue;
  if ('notChecked' in waker.timeoutSeconds)
    return [notChecked(name, waker.timeoutSeconds.notChecked, grant('lambda:GetFunctionConfiguration'))];
  const { value: timeout } = waker.timeoutSeconds;
  const least = TIMEOUTS * timeout;
  if (queue.visibilitySeconds >= least) return [];
  const what = `a message is handed out again after ${queue.visibilitySeconds} s; ${waker.functionName} may take ${timeout} s, and Lambda asks for six times that`;
  return [error(name, what, setQueue(input, queue.url, { VisibilityTimeout: String(least) }))];
}

/** What was sent can be received at once. */
export function delay(input: ConsumerCheckInput): CheckResult {
  const queue = readValue(input.state.queue);
  if (queue === null) return null;
  if (queue.delaySeconds === 0) return [];
  const what = `each ring waits for ${queue.delaySeconds} s before it is heard`;
  return [warning(input.place.queue.name, what, setQueue(input, queue.url, { DelaySeconds: '0' }))];
}

/** What is received too often goes to this consumer's dead-letter queue. */
export function redrivePolicy(input: ConsumerCheckInput): CheckResult {
  const { place, state, expected } = input;
  const queue = readValue(state.queue);
  const dead = readValue(state.deadLetterQueue);
  if (queue === null || dead === null) return null;
  if (queue.redrive?.deadLetterTargetArn === dead.arn) return [];
  const { maxReceiveCount } = expected.topology;
  const policy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount });
  const to = queue.redrive === null ? 'nowhere: it is received for ever' : `to ${queue.redrive.deadLetterTargetArn}`;
  const remedy = setQueue(input, queue.url, { RedrivePolicy: policy });
  return [error(place.queue.name, `what is received too often goes ${to}`, remedy)];
}

/** Poison leaves by the consumer's own hand; the count is for a message that kills whoever receives it. */
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

/** The dead-letter queue takes this queue's letters, and no other's. */
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
    return [warning(name, 'any queue of the account may put its letters here', remedy)];
  return [error(name, `it refuses the letters of ${input.place.queue.name} (${redrivePermission})`, remedy)];
}

/** Rings are kept for as long as SQS can, and dead letters no shorter: they keep their first timestamp. */
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
  const own = `rings are forgotten after ${duration(kept)}, not ${duration(wanted)}`;
  return [
    ...(kept < wanted ? [error(name, own, longer(queue.url, wanted))] : []),
    ...others.flatMap(({ spec, read }) => {
      if (read === null || read.retentionSeconds >= Math.max(kept, wanted)) return [];
      const what = `letters are forgotten after ${duration(read.retentionSeconds)}, counted from their first sending: sooner than rings in ${name}`;
      return [error(spec.name, what, longer(read.url, spec.retentionSeconds))];
    }),
  ];
}

/** Encryption is stated. A stand-in encrypts nothing, whatever it says. */
export function queueEncryption(input: ConsumerCheckInput): CheckResult {
  if (input.deployed.isStandIn) return null;
  return queuesOf(input).flatMap(({ name, read }) => {
    const queue = readValue(read);
    if (queue === null || queue.encryption === 'kms' || queue.encryption === 'sqs') return [];
    const remedy = setQueue(input, queue.url, { SqsManagedSseEnabled: 'true' });
    if (queue.encryption === 'aws')
      return [error(name, 'SNS may not use the key alias/aws/sqs, so nothing it sends arrives', remedy)];
    return [warning(name, 'messages are not encrypted where they lie', remedy)];
  });
}

/** Nothing lies where only people input. */
export function deadLetters(input: ConsumerCheckInput): CheckResult {
  const { place, state, deployed } = input;
  const dead = readValue(state.deadLetterQueue);
  const queue = readValue(state.queue);
  if (dead === null) return null;
  if (dead.messages === 0) return [];
  const back = `sqs start-message-move-task --source-arn ${dead.arn} --destination-arn ${queue?.arn ?? 'QUEUE'}`;
  const remedy = deployed.isRunHere
    ? `npm run doorbell -- dlq list --consumer ${place.consumer}`
    : `${aws(input, `sqs receive-message --queue-url ${dead.url} --message-attribute-names All`)} shows one and why; when its reason is mended: ${aws(input, back)}`;
  return [warning(place.deadLetterQueue.name, `~${count(dead.messages)} dead letters`, remedy)];
}

/** SNS could put everything into the queue. */
export function undelivered(input: ConsumerCheckInput): CheckResult {
  const { place, state } = input;
  const queue = readValue(state.undeliveredQueue);
  if (queue === null) return null;
  if (queue.messages === 0) return [];
  const remedy = `When the queue takes them again: npm run doorbell -- replay --consumer ${place.consumer} --since TIME, then ${aws(input, `sqs purge-queue --queue-url ${queue.url}`)}`;
  return [error(place.undeliveredQueue.name, `~${count(queue.messages)} rings that SNS could not deliver`, remedy)];
}
