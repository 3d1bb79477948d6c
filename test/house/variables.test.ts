import { expect, test } from 'vitest';
import { consumerVariables } from '../../consumers/variables.ts';
import { knownVariables } from '../../contracts/environment/known.ts';
import type { Variables } from '../../contracts/environment/variable.ts';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import { sides } from '../../localstack/operate/config/sides.ts';
import { devVariables } from '../../localstack/start/variables.ts';
import { outboxVariables, relayVariables } from '../../publisher/outbox/relay-variables.ts';
import { migrationVariables, publisherVariables } from '../../publisher/variables.ts';
import { projectFiles, textOf } from '../support/sources.ts';

const tables: Variables[] = [
  outboxVariables,
  relayVariables,
  publisherVariables,
  migrationVariables,
  consumerVariables,
  devVariables,
];
const all = tables.flatMap((table) => Object.entries(table));
const names = new Set(all.map(([name]) => name));
const isOurs = (name: string) => /^(DOORBELL|DATABASE)_/.test(name);

test('every variable that is known is in a table, and every one of a table is known', () => {
  expect([...names].filter(isOurs).toSorted()).toEqual(knownVariables(consumerNames).toSorted());
});

test('what code and documents say of the environment is in a table', () => {
  const places = projectFiles(
    /^(README|CONTRIBUTING|docs|contracts|publisher|consumers|localstack).*\.(md|ts|yml|yaml)$/,
  );
  // Decisions tell of what was.
  const living = places.filter((file) => !file.startsWith('docs/decisions/'));
  const said = living.flatMap((file) =>
    [...textOf(file).matchAll(/\b(?:DOORBELL|DATABASE)_[A-Z_]*[A-Z]\b/g)].map(([name]) => ({ file, name })),
  );
  // The misspelt ones are examples; a pattern of names is none.
  const examples = ['DOORBELL_QUEU_URL', 'DATABASE_URI', 'DATABASE_TEST_URL', 'DOORBELL_AD'];
  const strange = said.filter(({ name }) => !names.has(name) && !examples.includes(name));
  expect(strange).toEqual([]);
  expect(said.length).toBeGreaterThan(100);
});

test('what tests are told is in a table, for a program that they start would refuse it', () => {
  const told = projectFiles(/^test\/.*\.ts$/).flatMap((file) =>
    [...textOf(file).matchAll(/process\.env\.(DOORBELL_\w+)/g)].map(([, name]) => name),
  );
  expect(told.filter((name) => !names.has(name ?? ''))).toEqual([]);
  expect(told.length).toBeGreaterThan(3);
});

test('the environment is read by the tables, and nowhere else', () => {
  const reading = projectFiles(/^(contracts|publisher|consumers|localstack).*\.ts$/)
    .flatMap((file) => [...textOf(file).matchAll(/process\.env\.(\w+)/g)].map(([, name]) => `${file}: ${name}`))
    .toSorted();
  // npm's own.
  expect(reading).toEqual([
    'localstack/start/main.ts: npm_config_fresh',
    'localstack/start/main.ts: npm_lifecycle_event',
  ]);
});

test.each(all)('%s is one sentence, and its default is good', (_, variable) => {
  expect(variable.what).toMatch(/^[A-Z].*\.$/);
  if (variable.default !== undefined)
    expect(variable.schema['~standard'].validate(variable.default)).toHaveProperty('value');
});

test('every reader of a table can be asked for by doorbell config', () => {
  const readers = new Set(all.flatMap(([, { readBy }]) => readBy));
  expect([...readers].toSorted()).toEqual([...new Set(sides.map(({ reader }) => reader))].toSorted());
});

test('what holds a password, a token or a key is marked', () => {
  const secret = all.filter(([name]) => /^DATABASE_(\w+_)?URL$|_TOKEN$|_TOKENS$|_KEY(_ID)?$/.test(name));
  expect(secret.length).toBeGreaterThan(10);
  expect(secret.filter(([, variable]) => variable.secret === undefined)).toEqual([]);
});
