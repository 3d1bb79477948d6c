import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';

/** `npm start` in a copy of the project, of which a test changes one list. */
let copy: ProjectCopy;
beforeAll(() => {
  copy = copyProject();
});
afterAll(() => copy.remove());

/** Runs `npm start` with a text replaced in a file, and returns what it prints before it ends. */
function startWith(file: string, text: string, by: string): string {
  const path = join(copy.folder, file);
  const before = readFileSync(path, 'utf8');
  expect(before).toContain(text);
  writeFileSync(path, before.replace(text, by));
  try {
    return copy.run('localstack/start/main.ts');
  } catch (error) {
    return (error as Error).message;
  } finally {
    writeFileSync(path, before);
  }
}

test.each([
  ['publisher/shops/sources/all.ts', '  defineSource(adAgreement, forAd),\n', '', 'Agreement ad@1 has no source:'],
  ['consumers/all.ts', '[displayPart, adPart', '[displayPart, adPart, adPart', 'Two consumers are called ad:'],
  ['contracts/shops/agreements/ad.ts', "'/ad/shops'", "'/display/shops'", 'have one path, /display/shops: give each'],
])('npm start refuses a mistake in %s before it starts anything', (file, text, by, sentence) => {
  const said = startWith(file, text, by);
  expect(said).toContain(sentence);
  expect(said).toContain('The lists are contracts/shops/agreements/all.ts,');
  expect(said).not.toContain('event store');
});
