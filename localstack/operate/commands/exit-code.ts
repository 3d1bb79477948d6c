import { CommanderError } from 'commander';
import { SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { isDatabaseAway, isDatabaseRefusing } from '../../../publisher/postgres/faults.ts';
import { PublisherAway } from '../../import/publisher-away.ts';
import { isUnreachable, Unreachable } from '../../infrastructure/aws/ask.ts';
import { exit, NotRunning } from './running.ts';

/** Returns the exit code for an error of a command, as docs/operations.md lists them. Pure. */
export function exitCodeOf(error: unknown, isInterrupted: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage;
  if (error instanceof NotRunning) return exit.unreachable;
  if (isInterrupted) return exit.interrupted;
  return causesOf(error).some(isAway) ? exit.unreachable : exit.failed;
}

/** Tells whether publisher, database or broker did not answer, or refused the credentials. */
const isAway = (error: Error): boolean =>
  error instanceof Unreachable ||
  error instanceof SourceUnavailable ||
  error instanceof PublisherAway ||
  isDatabaseAway(error) ||
  isDatabaseRefusing(error) ||
  isUnreachable(error);

/** Lists an error, its causes, and the errors of an AggregateError: Node tries both addresses of a name. */
function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const gathered = error instanceof AggregateError ? error.errors.flatMap(causesOf) : [];
  return [error, ...gathered, ...causesOf(error.cause)];
}
