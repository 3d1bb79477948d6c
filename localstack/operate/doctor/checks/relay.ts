import { readValue } from '../../../infrastructure/aws/ask.ts';
import { aws, type CheckInput, type CheckResult, type Defect, error, grant, notChecked } from '../finding.ts';
import type { RelayState } from '../state.ts';

/**
 * Checks that a schedule starts the relay's function, and that it may run. Without the function, a process is the
 * relay.
 */
export function relay(input: CheckInput): CheckResult {
  const read = input.deployed.relay;
  const name = `${input.expected.stage}-publisher-relay`;
  if ('notChecked' in read) return [notChecked(name, read.notChecked, grant('lambda:GetFunctionConfiguration'))];
  return read.value === null ? null : [...scheduleOf(input, read.value), ...concurrencyOf(input, read.value)];
}

function scheduleOf(input: CheckInput, { name, arn, schedules }: RelayState): Defect[] {
  if ('notChecked' in schedules)
    return [notChecked(name, schedules.notChecked, grant('events:ListRuleNamesByTarget, events:DescribeRule'))];
  const [first] = schedules.value;
  if (first === undefined)
    return [error(name, 'it never runs: no rule has a schedule for it', schedule(input, name, arn))];
  if (schedules.value.some(({ enabled }) => enabled)) return [];
  return [
    error(name, `it never runs: its rule ${first.name} is off`, aws(input, `events enable-rule --name ${first.name}`)),
  ];
}

/** Writes the commands that make the rule of the template: it starts the relay every minute, and has the permission. */
function schedule(input: CheckInput, name: string, arn: string): string {
  const [, partition, , region, account] = arn.split(':');
  const rule = `arn:${partition}:events:${region}:${account}:rule/${name}`;
  return [
    `events put-rule --name ${name} --schedule-expression 'rate(1 minute)'`,
    `lambda add-permission --function-name ${name} --statement-id every-minute --action lambda:InvokeFunction --principal events.amazonaws.com --source-arn ${rule}`,
    `events put-targets --rule ${name} --targets Id=relay,Arn=${arn}`,
  ]
    .map((command) => aws(input, command))
    .join(' && ');
}

/** 2: one function leads, and one waits to take over. */
const RELAYS = 2;

function concurrencyOf(input: CheckInput, { name, reservedConcurrency }: RelayState): Defect[] {
  if ('notChecked' in reservedConcurrency)
    return [notChecked(name, reservedConcurrency.notChecked, grant('lambda:GetFunctionConcurrency'))];
  if (readValue(reservedConcurrency) !== 0) return [];
  const command = `lambda put-function-concurrency --function-name ${name} --reserved-concurrent-executions ${RELAYS}`;
  return [error(name, 'it may not run at all: its reserved concurrency is 0', aws(input, command))];
}
