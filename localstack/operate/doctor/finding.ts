import type { ConsumerPlace } from '../../infrastructure/topology.ts';
import type { ConsumerState, Deployed, Expected } from './state.ts';

/** An error makes views wrong or late; a warning waits for its day; what is not checked may be either. */
export type Severity = 'error' | 'warning' | 'not-checked';

/** What is wrong, where, and what mends it: a command to run or a value to set. */
export type Problem = { severity: Severity; where: string; what: string; remedy: string };

/** A problem, and the check that found it. */
export type Finding = Problem & { check: string };

/** None: it is well. Null: the check doesn't apply, or what it needs could not be read, which another check says. */
export type CheckResult = Problem[] | null;

/** What a check of the whole sees. */
export type CheckInput = { deployed: Deployed; expected: Expected };

/** What a check of one consumer sees. */
export type ConsumerCheckInput = CheckInput & { place: ConsumerPlace; state: ConsumerState };

/** Makes problems of one place. */
export const error = (where: string, what: string, remedy: string): Problem => ({
  severity: 'error',
  where,
  what,
  remedy,
});
export const warning = (where: string, what: string, remedy: string): Problem => ({
  ...error(where, what, remedy),
  severity: 'warning',
});
export const notChecked = (where: string, reason: string, remedy: string): Problem => ({
  ...error(where, `not checked: ${reason}`, remedy),
  severity: 'not-checked',
});

/** What everything hangs on could not be read: whoever asked is told nothing, and that is not well. */
export const unreadable = (where: string, reason: string, actions: string): Problem =>
  error(where, `could not be read: ${reason}`, `Let whoever runs this do ${actions}.`);

/** What helps where something could not be read. */
export function grant(action: string): string {
  return `Let whoever runs this do ${action}; where there is no such service, there is nothing to do.`;
}

/** A command of the AWS command line that reaches the same place. */
export function aws({ deployed }: CheckInput, command: string): string {
  return `aws ${command} ${deployed.flags}`;
}

/** The command that sets attributes of a queue. */
export function setQueue(input: CheckInput, url: string, attributes: Record<string, string>): string {
  return aws(input, `sqs set-queue-attributes --queue-url ${url} --attributes '${JSON.stringify(attributes)}'`);
}

/** Seconds as people say them: 14 days, 30 s. */
export function duration(seconds: number): string {
  if (seconds >= 2 * 86_400) return `${Number((seconds / 86_400).toFixed(1))} days`;
  return `${seconds} s`;
}
