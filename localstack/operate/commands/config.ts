import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Argument, Command } from 'commander';
import { problemsOfNames, type Reading } from '../../../contracts/environment/read.ts';
import { shown } from '../../../contracts/environment/show.ts';
import { type Environment, stated } from '../../../contracts/environment/unknown.ts';
import { consumerNames } from '../../../contracts/shops/agreements/all.ts';
import { formOf } from '../../../contracts/wire/json-bytes.ts';
import { paint, table, terminal } from '../../terminal.ts';
import { processes, readingsOf, type Side, sides } from '../config/sides.ts';
import { exit } from './running.ts';

type Options = { env?: string; json?: boolean };

/** Makes `doorbell config`, which shows what a program would read from this environment, with secrets hidden. */
export function configCommand(): Command {
  return new Command('config')
    .description('show the settings that a program reads from the environment, their sources, and their mistakes')
    .addArgument(
      new Argument('[programs...]', `the programs to show (default: ${processes.join(', ')})`).choices(
        sides.map(({ name }) => name),
      ),
    )
    .option('--env <file>', 'also read this .env file, as node --env-file does; the environment goes before it')
    .option('--json', 'print NDJSON: one line for each variable')
    .action((names: string[], options: Options, command: Command) => {
      const file = options.env === undefined ? {} : readFile(options.env, command);
      const environment = { ...file, ...process.env };
      const asked = (names.length > 0 ? names : processes).flatMap((name) =>
        sides.filter((side) => side.name === name),
      );
      const found = asked.map((side) => ({ side, readings: readingsOf(side, environment) }));
      const unknown = problemsOfNames(environment, consumerNames);
      const print = options.json ? printJson : printTable;
      for (const { side, readings } of found) print(side, readings, sourceOf(options.env));
      for (const { name, problem } of unknown) printUnknown(name, problem, options);
      const isValid = unknown.length === 0 && found.every(({ readings }) => readings.every(isGood));
      if (!isValid) process.exitCode = exit.failed;
    });
}

const isGood = ({ problems }: Reading) => problems.length === 0;

function readFile(file: string, command: Command): Environment {
  try {
    const bytes = readFileSync(file);
    const form = formOf(bytes);
    if (form !== null) throw new Error(`it is ${form}; save it as UTF-8`);
    return parseEnv(bytes.toString('utf8'));
  } catch (error) {
    return command.error(`error: --env ${file} can't be read: ${(error as Error).message}`);
  }
}

/** Names the source of a value. The environment goes before a file, as with `node --env-file`. */
const sourceOf =
  (file: string | undefined) =>
  ({ from, name }: Reading): string =>
    from === 'environment' && stated(process.env, name) === undefined ? (file ?? from) : from;

type SourceOf = ReturnType<typeof sourceOf>;

function printTable({ name, program }: Side, readings: readonly Reading[], from: SourceOf): void {
  const wrong = readings.filter((reading) => !isGood(reading));
  const sum = wrong.length === 0 ? paint('green', 'valid') : paint('red', `${wrong.length} to correct`);
  terminal.line(`${paint('bold', name)} · ${program} · ${sum}`);
  const rows = readings.map((reading) => [reading.name, valueText(reading), sourceText(reading, from)]);
  terminal.line(table([['VARIABLE', 'VALUE', 'FROM'], ...rows], { numbers: 'left' }));
  terminal.line();
  for (const { name: variable, problems } of wrong)
    for (const problem of problems) terminal.error(`${paint('red', '✖')} ${name}: ${variable}: ${problem}`);
}

function valueText(reading: Reading): string {
  const value = shown(reading) ?? '–';
  const { unit } = reading.variable;
  return unit === undefined || reading.problems.length > 0 ? value : `${value} ${unit}`;
}

function sourceText(reading: Reading, from: SourceOf): string {
  return reading.problems.length > 0 && reading.from !== 'missing' ? `${from(reading)}, malformed` : from(reading);
}

function printJson({ name: program }: Side, readings: readonly Reading[], from: SourceOf): void {
  for (const reading of readings) {
    const { name, variable, problems } = reading;
    const { unit = null, secret = null } = variable;
    const told = { program, name, value: shown(reading), unit, from: from(reading), secret, problems };
    terminal.line(JSON.stringify({ schemaVersion: 1, ...told }));
  }
}

/** Prints an unknown name without its value: it may be a secret whose name was misspelt. */
function printUnknown(name: string, problem: string, { json }: Options): void {
  const told = { program: null, name, value: null, unit: null, from: 'unknown', secret: null, problems: [problem] };
  if (json) terminal.line(JSON.stringify({ schemaVersion: 1, ...told }));
  else terminal.error(`${paint('red', '✖')} ${name}: ${problem}`);
}
