import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files that take longest, by measured time. Most of them wait for programs that they start. */
export const LONGEST: readonly string[] = [
  'test/integration/dev.test.ts',
  'test/integration/anybodys-shell.test.ts',
  'test/house/recipe.test.ts',
  'test/integration/relay-storm.test.ts',
  'test/integration/operations.test.ts',
  'test/integration/database-silent.test.ts',
  'test/unit/localstack/new.test.ts',
  'test/house/package.test.ts',
  'test/integration/memory.test.ts',
  'test/integration/failover.test.ts',
];

/**
 * Starts the longest files first, so that no worker runs one alone at the end. Vitest knows times only from the run
 * before: in a new clone it goes by the size of files, and `recipe.test.ts` is small.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
  return rank === -1 ? LONGEST.length : rank;
}
