import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { createVitest, type TestSpecification } from 'vitest/node';
import { LONGEST } from '../support/longest-first.ts';
import { root } from '../support/sources.ts';

test.each(LONGEST)('%s, which is to start early, is there', (file) => {
  expect(existsSync(join(root, file))).toBe(true);
});

test('a whole run starts with the longest files, and leaves none out', async () => {
  const nameOf = ({ moduleId }: TestSpecification) => relative(root, moduleId);
  const vitest = await createVitest('test', { watch: false, config: join(root, 'test/vitest.config.ts') });
  try {
    const files = await vitest.globTestSpecifications();
    const Sequencer = vitest.config.sequence.sequencer;
    const names = (await new Sequencer(vitest).sort(files.toReversed())).map(nameOf);
    expect(names.slice(0, LONGEST.length)).toEqual(LONGEST);
    expect(names.toSorted()).toEqual(files.map(nameOf).toSorted());
  } finally {
    await vitest.close();
  }
});
