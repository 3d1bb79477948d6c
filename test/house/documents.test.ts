import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pageFiles, REFRESH } from '../../localstack/release/documents.ts';
import { projectFiles, root, textOf } from '../support/sources.ts';

const documents = projectFiles(/\.md$/);

/** Pages that the code makes. */
const GENERATED = /^docs\/configuration\.md$/;

/** The lines of prose above 120 characters: not code, not tables, and not a link alone. */
function longProse(markdown: string): string[] {
  const prose = markdown.replaceAll(/^ *(`{3,}|~{3,}).*\n(?:[\s\S]*?\n)?? *\1 *$/gm, '');
  const isFree = (line: string) => /^\s*(\||([-*] )?\[[^\]]*\](\([^)]*\)|: \S.*)$)/.test(line);
  return prose.split('\n').filter((line) => line.length > 120 && !isFree(line));
}

describe('the documents', () => {
  test('point at files that exist', () => {
    const broken = documents.flatMap((file) =>
      [...textOf(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target = '']) => normalize(join(dirname(file), target)))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${file} → ${target}`),
    );
    expect(documents.length).toBeGreaterThan(5);
    expect(broken).toEqual([]);
  });

  test('name files that exist, and so does the code', () => {
    const places = projectFiles(
      /^(README|CONTRIBUTING|CHANGELOG|docs\/|contracts|publisher|consumers|localstack).*\.(md|ts|sql)$/,
    );
    const broken = places.flatMap((file) =>
      [
        ...textOf(file).matchAll(
          /\b(?:contracts|publisher|consumers|localstack|test|docs)\/[\w./-]*\.(?:ts|sql|md|csv|yml|yaml|json)\b/g,
        ),
      ]
        .map(([target]) => target)
        // The press is the example of a consumer that is still to be added.
        .filter((target) => !target.includes('/press') && !existsSync(join(root, target)))
        .map((target) => `${file} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('quote the names of tests that exist', () => {
    const quotes = documents.flatMap((file) =>
      [...textOf(file).matchAll(/`(test\/[\w./-]+\.ts)`, "([^"]+)"/g)].map(([, test = '', name = '']) => ({
        file,
        test,
        name,
      })),
    );
    const wrong = quotes.filter(({ test, name }) => !textOf(test).includes(name));
    expect(wrong).toEqual([]);
    expect(quotes.length).toBeGreaterThan(10);
  });

  test.each(pageFiles())('$file is fresh', ({ file, text }) => {
    const committed = existsSync(join(root, file)) ? textOf(file) : null;
    expect(committed === text, `${file} is stale; refresh it: ${REFRESH}`).toBe(true);
  });

  test('have no line of prose above 120 characters', () => {
    const written = documents.filter((file) => !GENERATED.test(file));
    expect(written.length).toBeGreaterThan(15);
    expect(written.flatMap((file) => longProse(textOf(file)).map((line) => `${file}: ${line}`))).toEqual([]);
  });

  test('a long line is found in prose, and passed in code, tables and lines of one link', () => {
    const long = 'word '.repeat(25).trim();
    const link = `[${long}](https://doorbell.example)`;
    const passed = ['```sh', long, '```', `| ${long} |`, link, `- ${link}`, `[1]: https://doorbell.example/${long}`];
    expect(longProse(['# Planted', ...passed, 'Short.'].join('\n'))).toEqual([]);
    for (const planted of [long, `- ${long}`, `> ${long}`, `See ${link}.`])
      expect(longProse([...passed, planted].join('\n'))).toEqual([planted]);
  });

  test('the README has at most 120 lines', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(120);
  });

  test('code blocks that name a file are quoted from it word for word', () => {
    const quotes = documents.flatMap((file) =>
      [
        ...textOf(file).matchAll(
          /```(?:ts|sql)\n(?:\/\/|--) ((?:contracts|publisher|consumers|localstack|test)\/\S+)\n([\s\S]*?)```/g,
        ),
      ].map(([, source = '', quote = '']) => ({ file, source, quote: quote.trim() })),
    );
    const wrong = quotes.filter(({ source, quote }) => !textOf(source).includes(quote));
    expect(wrong.map(({ file, source }) => `${file} misquotes ${source}`)).toEqual([]);
    expect(quotes.length).toBeGreaterThan(0);
  });
});
