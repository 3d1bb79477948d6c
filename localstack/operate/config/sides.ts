import { consumerVariables } from '../../../consumers/variables.ts';
import { inspect, type Reading } from '../../../contracts/environment/read.ts';
import type { Environment } from '../../../contracts/environment/unknown.ts';
import type { Variables } from '../../../contracts/environment/variable.ts';
import { consumerNames } from '../../../contracts/shops/agreements/all.ts';
import { outboxVariables, relayVariables } from '../../../publisher/outbox/relay-variables.ts';
import { migrationVariables, publisherVariables } from '../../../publisher/variables.ts';
import { devVariables } from '../../start/variables.ts';

/** A program and the variables it reads. `consumer` is set if the program runs only that consumer. */
export type Side = { name: string; program: string; table: Variables; reader: string; consumer?: string };

const lambda = (name: string, reader = name) => ({ name, program: `the Lambda function ${name}`, reader });

const consumerSides = consumerNames.flatMap((name): Side[] => {
  const table = consumerVariables;
  const program = `DOORBELL_CONSUMER=${name} node consumers/main.ts`;
  return [
    { name, program, table, reader: 'consumer', consumer: name },
    { name: `${name}-handler`, program: `the Lambda function ${name}`, table, reader: 'consumer-handler' },
    { ...lambda(`${name}-queries`, 'consumer-queries'), table },
  ];
});

/** Every program that reads variables, with its name in `doorbell config`. */
export const sides: readonly Side[] = [
  { name: 'publisher', program: 'node publisher/main.ts', table: publisherVariables, reader: 'publisher' },
  { name: 'migration', program: 'node publisher/migrate.ts', table: migrationVariables, reader: 'migration' },
  { name: 'outbox', program: 'doorbell outbox and doorbell watch', table: outboxVariables, reader: 'outbox' },
  { name: 'relay', program: 'doorbell relay', table: relayVariables, reader: 'relay' },
  ...['publisher-api', 'publisher-relay', 'publisher-migrate'].map((name) => {
    return { ...lambda(name), table: publisherVariables };
  }),
  { name: 'consumer', program: 'node consumers/main.ts', table: consumerVariables, reader: 'consumer' },
  ...consumerSides,
  { name: 'dev', program: 'npm start', table: devVariables, reader: 'dev' },
  { name: 'test', program: 'npm test, test:real and bench', table: devVariables, reader: 'test' },
];

/** The programs that `doorbell config` prints by default. */
export const processes: readonly string[] = ['publisher', 'consumer', 'dev'];

/** Reads the variables of a program from an environment. Pure. */
export function readingsOf({ table, reader, consumer }: Side, environment: Environment): Reading[] {
  return inspect(table, reader, environment).map((reading) =>
    consumer === undefined || reading.name !== 'DOORBELL_CONSUMER' ? reading : ofConsumer(reading, consumer),
  );
}

function ofConsumer(reading: Reading, consumer: string): Reading {
  if (reading.problems.length > 0 || reading.value === consumer) return reading;
  return { ...reading, problems: [`names ${reading.value}, but this is the program of ${consumer}`] };
}
