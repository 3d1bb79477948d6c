import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newConsumer } from '../../localstack/release/new/consumer.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';
import { textOf } from '../support/sources.ts';

/** What named all consumers once, and turned red with the next one. `npm run test:real -- --only recipe` runs the whole suite. */
const TOUCHED = [
  'test/house/rules.test.ts',
  'test/house/documents.test.ts',
  'test/house/variables.test.ts',
  'test/unit/bench/cost.test.ts',
  'test/unit/consumers/config.test.ts',
  'test/unit/contracts',
  'test/unit/localstack/config.test.ts',
  'test/unit/localstack/doctor.test.ts',
  'test/unit/localstack/gate.test.ts',
  'test/unit/localstack/new.test.ts',
  'test/unit/localstack/parameters.test.ts',
  'test/unit/localstack/template-policies.test.ts',
  'test/unit/localstack/template.test.ts',
  'test/unit/publisher/config.test.ts',
];

const NAME = 'press';

describe('a consumer that was added by the recipe of CONTRIBUTING', () => {
  let copy: ProjectCopy;
  beforeAll(() => {
    expect(textOf('CONTRIBUTING.md')).toContain(`npm run new -- consumer ${NAME}`);
    copy = copyProject();
    newConsumer(NAME, copy.folder);
    copy.run('localstack/release/main.ts', 'docs');
  });
  afterAll(() => copy?.remove());

  test('has the form and the types that the project asks for', () => {
    copy.run('node_modules/@biomejs/biome/bin/biome', 'check', '.');
    copy.run('node_modules/typescript/bin/tsc');
  }, 120_000);

  test('breaks nobody, and its documents are fresh', () => {
    const said = copy.run('localstack/release/main.ts', 'check');
    expect(said).toContain(`${NAME}@1 is new`);
    expect(said).toMatch(/ 0 breaking,/);
  });

  test('turns no test red', () => {
    const said = copy.run('node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', ...TOUCHED);
    expect(said).toMatch(/Test Files +\d+ passed \(\d+\)/);
  }, 120_000);
});
