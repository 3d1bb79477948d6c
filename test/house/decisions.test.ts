import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, root, textOf } from '../support/sources.ts';

/** A screen: the words that a reader takes in before the appendix. */
const WORDS = 350;
const LETTERS = 120;
const PARTS = ['## Context', '## Decision', '## Consequences'];

const decisions = projectFiles(/^docs\/decisions\/.*\.md$/);
const basenames = new Set(projectFiles(/\.ts$/).map((file) => basename(file)));

/** Tells whether a file, a folder or, without a slash, a file of this name is in the project. */
const isThere = (path: string) => (path.includes('/') ? existsSync(join(root, path)) : basenames.has(path));

/** The text before the appendix. */
const argumentOf = (text: string) => text.split(/^## Appendix$/m)[0] ?? '';

/** The number of words; signs of Markdown alone are none. */
const countWords = (text: string) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** The lines of prose: neither in a code fence nor a row of a table. */
const proseOf = (text: string) =>
  text
    .replace(/^```[\s\S]*?^```$/gm, '')
    .split('\n')
    .filter((line) => !line.startsWith('|'));

/** Texts in backticks that look like a path of the project, or like the name of a source file. */
const pathsOf = (text: string) =>
  [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => /^(contracts|publisher|consumers|localstack|test|docs)\/[\w./-]*$|^[\w-]+\.ts$/.test(path));

/** Says what is wrong with the text of a decision; nothing where it keeps the form. */
function faultsOf(text: string, exists: (path: string) => boolean): string[] {
  const words = countWords(argumentOf(text));
  return [
    /^# \d{4} · \S/.test(text) ? [] : ['no title with a number'],
    /^20\d\d-\d\d-\d\d$/m.test(argumentOf(text)) ? [] : ['no date'],
    /^Status: (accepted|superseded by \[\d{4}\]\(\S+\))$/m.test(argumentOf(text)) ? [] : ['no status'],
    PARTS.filter((part) => !argumentOf(text).includes(`\n${part}\n`)).map((part) => `no ${part}`),
    words <= WORDS ? [] : [`${words} words before the appendix`],
    proseOf(text)
      .filter((line) => line.length > LETTERS)
      .map((line) => `a line of ${line.length} letters: ${line.slice(0, 40)}`),
    pathsOf(text)
      .filter((path) => !exists(path))
      .map((path) => `no file ${path}`),
  ].flat();
}

describe('a decision', () => {
  test.each(decisions)('%s has title, date, status, a screen of argument, short lines and paths that exist', (file) => {
    expect(file).toMatch(/^docs\/decisions\/\d{4}-[a-z0-9-]+\.md$/);
    expect(textOf(file)).toContain(`# ${basename(file).slice(0, 4)} · `);
    expect(faultsOf(textOf(file), isThere)).toEqual([]);
  });

  test('there are some forty, each with a number of its own', () => {
    expect(decisions.length).toBeGreaterThan(40);
    expect(new Set(decisions.map((file) => basename(file).slice(0, 4))).size).toBe(decisions.length);
  });
});

describe('the rules for a decision', () => {
  const good = [
    '# 0001 · A title',
    '2026-11-24',
    'Status: accepted',
    '## Context',
    'It stands in `publisher/relay/fence.ts` and `fence.ts`.',
    '## Decision',
    'One.',
    '## Consequences',
    'Two.',
  ].join('\n\n');
  const appendix = `${good}\n\n## Appendix\n\n`;

  test('let a good text pass, with a long appendix, a wide table and a code fence', () => {
    const long = 'Some more words.\n'.repeat(200);
    const wide = `| a | ${'b'.repeat(150)} |\n\n\`\`\`sh\n${'c'.repeat(150)}\n\`\`\`\n`;
    expect(faultsOf(appendix + long + wide, isThere)).toEqual([]);
  });

  test.each<[what: string, text: string, fault: RegExp]>([
    ['no number', good.replace('0001 · ', ''), /^no title/],
    ['no date', good.replace('2026-11-24', 'Yesterday'), /^no date$/],
    ['a date in the appendix alone', `${appendix.replace('2026-11-24', '')}2026-11-24`, /^no date$/],
    ['no status', good.replace('Status: accepted', ''), /^no status$/],
    ['a status that is not known', good.replace('accepted', 'perhaps'), /^no status$/],
    ['no decision', good.replace('## Decision', '## Thoughts'), /^no ## Decision$/],
    ['more than a screen', good + ' word'.repeat(WORDS).replaceAll('d word', 'd\nword'), /^\d+ words before/],
    ['a long line', `${appendix}${'long '.repeat(30)}`, /^a line of 150 letters/],
    ['a long line in a list', `${appendix}- ${'long '.repeat(30)}`, /^a line of 152 letters/],
    ['a path that is gone', `${appendix}See \`consumers/runtime/desk.ts\`.`, /^no file consumers\/runtime\/desk\.ts$/],
    ['a folder that is gone', `${appendix}See \`consumers/desks\`.`, /^no file consumers\/desks$/],
    ['a name that is gone', `${appendix}See \`desk.ts\`.`, /^no file desk\.ts$/],
  ])('refuse %s', (_, text, fault) => {
    expect(faultsOf(text, isThere)).toEqual([expect.stringMatching(fault)]);
  });
});
