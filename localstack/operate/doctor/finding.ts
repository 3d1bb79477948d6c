import type { ConsumerPlace } from '../../infrastructure/topology.ts';
import type { ConsumerState, Deployed, Expected } from './state.ts';

/** An error makes views wrong or late. A warning may do so later. A check that could not be made may hide either. */
export type Severity = 'error' | 'warning' | 'not-checked';

/** What is wrong, where, and how to correct it: a command to run or a value to set. */
export type Defect = { severity: Severity; where: string; what: string; remedy: string };

/** A problem with the name of the check that found it. */
export type Finding = Defect & { check: string };

/**
 * Problems of one check; none if all is well. Null if the check does not apply, or lacks data that another check
 * reports.
 */
export type CheckResult = Defect[] | null;

/** Input of a check of the whole system. */
export type CheckInput = { deployed: Deployed; expected: Expected };

/** Input of a check of one consumer. */
export type ConsumerCheckInput = CheckInput & { place: ConsumerPlace; state: ConsumerState };

/** Makes a problem that is an error. */
export const error = (where: string, what: string, remedy: string): Defect => ({
  severity: 'error',
  where,
  what,
  remedy,
});
/** Makes a problem that is a warning. */
export const warning = (where: string, what: string, remedy: string): Defect => ({
  ...error(where, what, remedy),
  severity: 'warning',
});
/** Makes a problem for a check that could not be made. */
export const notChecked = (where: string, reason: string, remedy: string): Defect => ({
  ...error(where, `not checked: ${reason}`, remedy),
  severity: 'not-checked',
});

/** Makes an error for a resource that could not be read but that all other checks need. */
export const unreadable = (where: string, reason: string, actions: string): Defect =>
  error(where, `could not be read: ${reason}`, `Allow the caller of this command ${actions}.`);

/** Writes the remedy for a resource that could not be read. */
export function grant(action: string): string {
  return `Allow the caller of this command ${action}. If the service does not exist here, nothing needs to be done.`;
}

/** Writes a command of the AWS command line, with the options that reach the same endpoint. */
export function aws({ deployed }: CheckInput, command: string): string {
  return `aws ${command} ${deployed.flags}`;
}

/** Writes the command that sets attributes of a queue. */
export function setQueue(input: CheckInput, url: string, attributes: Record<string, string>): string {
  return aws(input, `sqs set-queue-attributes --queue-url ${url} --attributes '${JSON.stringify(attributes)}'`);
}

/** Writes seconds for people: 14 days, 30 s. */
export function duration(seconds: number): string {
  if (seconds >= 2 * 86_400) return `${Number((seconds / 86_400).toFixed(1))} days`;
  return `${seconds} s`;
}
