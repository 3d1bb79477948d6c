import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pageFiles, REFRESH } from '../../localstack/release/documents.ts';
import { projectFiles, root, textOf } from '../support/sources.ts';

const documents = projectFiles(/\.md$/);

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
