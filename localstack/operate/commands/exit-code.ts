import { CommanderError } from 'commander';
import { SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { isDatabaseAway, isDatabaseRefusing } from '../../../publisher/postgres/faults.ts';
import { PublisherAway } from '../../import/publisher-client.ts';
import { isUnreachable, Unreachable } from '../../infrastructure/aws/ask.ts';
import { exit, NotRunning } from './running.ts';

/** The exit code of a command that ended with an error, as docs/operations.md says it. Pure. */
export function exitCodeOf(error: unknown, isInterrupted: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage;
  if (error instanceof NotRunning) return exit.unreachable;
  if (isInterrupted) return exit.interrupted;
  return causesOf(error).some(isAway) ? exit.unreachable : exit.failed;
}

/** Publisher, database or broker don't answer, or let nobody in. */
const isAway = (error: Error): boolean =>
  error instanceof Unreachable ||
  error instanceof SourceUnavailable ||
  error instanceof PublisherAway ||
  isDatabaseAway(error) ||
  isDatabaseRefusing(error) ||
  isUnreachable(error);

/** An error, what caused it, and what it gathers: Node tries both addresses of a name. */
function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const gathered = error instanceof AggregateError ? error.errors.flatMap(causesOf) : [];
  return [error, ...gathered, ...causesOf(error.cause)];
}
