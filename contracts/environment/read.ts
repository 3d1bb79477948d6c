import * as z from 'zod/mini';
import { issuesOf } from '../wire/issues.ts';
import { type Environment, MARK, stated, unknownVariables } from './unknown.ts';
import type { ReaderOf, ValuesOf, Variable, Variables } from './variable.ts';

/** One variable as a program reads it: its text, the source of the text, its definition and its problems. */
export type Reading = {
  name: string;
  variable: Variable;
  from: 'environment' | 'default' | 'missing' | 'not stated';
  text: string | undefined;
  value: unknown;
  /** Problems in words for people, without the name. They never repeat the value. */
  problems: string[];
};

/** Reads each variable of a program, with its problems. Pure. */
export function inspect(table: Variables, reader: string, environment: Environment): Reading[] {
  return Object.entries(table)
    .filter(([, { readBy }]) => readBy.includes(reader))
    .map(([name, variable]) => inspectOne(name, variable, stated(environment, name)));
}

function inspectOne(name: string, variable: Variable, said: string | undefined): Reading {
  const text = said ?? variable.default;
  if (text === undefined && variable.optional)
    return { name, variable, from: 'not stated', text, value: undefined, problems: [] };
  const read = z.safeParse(variable.schema, text);
  const missing = text === undefined ? 'missing; ' : '';
  const problems = read.success ? [] : issuesOf(read.error).map(({ message }) => `${missing}${message}`);
  const from = said !== undefined ? 'environment' : text === undefined ? 'missing' : 'default';
  return { name, variable, from, text, value: read.data, problems };
}

/**
 * Lists problems with names, a line each: `DOORBELL_QUEU_URL: unknown; did you mean DOORBELL_QUEUE_URL?`. Pure.
 * `consumers` are the names of all consumers.
 */
export function problemsOfNames(
  environment: Environment,
  consumers: readonly string[],
): { name: string; problem: string }[] {
  return unknownVariables(environment, consumers).map(({ name, near }) => {
    const advice = near === null ? 'docs/configuration.md lists all variables' : `did you mean ${near}?`;
    return name.startsWith(MARK) ? marked(name) : { name, problem: `unknown; ${advice}` };
  });
}

/** Advice for a name behind a byte order mark: "did you mean" would show two names that look the same. */
const marked = (name: string) => ({
  name: name.slice(1),
  problem: 'not seen by the AWS SDK; a byte order mark stands before it: save the .env as UTF-8 without one',
});

/**
 * Reads a program's variables from the environment. Throws an Error with a line for each problem: missing, malformed,
 * or unknown to every side. Variables of other sides are ignored.
 */
export type ReadVariables = <Table extends Variables, Reader extends ReaderOf<Table> & string>(
  table: Table,
  reader: Reader,
  environment: Environment,
) => ValuesOf<Table, Reader>;

/** Makes the function that reads variables. The port of each of these consumers is a variable that is known. */
export function variableReader(consumers: readonly string[]): ReadVariables {
  return <Table extends Variables, Reader extends ReaderOf<Table> & string>(
    table: Table,
    reader: Reader,
    environment: Environment,
  ) => {
    const readings = inspect(table, reader, environment);
    const lines = [
      ...readings.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
      ...problemsOfNames(environment, consumers).map(({ name, problem }) => `${name}: ${problem}`),
    ];
    if (lines.length > 0) throw new Error(lines.join('\n'));
    return Object.fromEntries(readings.map(({ name, value }) => [name, value])) as ValuesOf<Table, Reader>;
  };
}
