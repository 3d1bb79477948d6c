import { expect, test } from 'vitest';
import { outboxScript } from '../../publisher/outbox/migrate.ts';
import { type Step, stepsOf } from '../real/tutorials/page.ts';
import { textOf } from '../support/sources.ts';

const PAGES = ['ring-from-your-own-service', 'from-any-language', 'a-consumer-of-your-own'];
const page = (name: string) => textOf(`docs/tutorials/${name}.md`);
const filesOf = (text: string) => stepsOf(text).filter((step): step is Step & { kind: 'file' } => step.kind === 'file');
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, one]) => one);

test('the pages say how many tables and functions the outbox has', () => {
  const script = outboxScript();
  const made = (what: string) => matches(script, new RegExp(`create ${what} doorbell\\.(\\w+)`, 'g'));
  const told = `${new Set(made('table')).size} tables and ${new Set(made('function')).size} functions`;
  for (const text of [page('ring-from-your-own-service'), textOf('docs/outbox.md')])
    expect(text.replaceAll('\n', ' ')).toContain(told);
});

test('what the pages install is the tarball of this version, since no registry has the package', () => {
  const { version } = JSON.parse(textOf('package.json')) as { version: string };
  const tarball = `doorbell-${version}.tgz`;
  for (const text of [...PAGES.map(page), textOf('docs/library.md'), textOf('docs/outbox.md')]) {
    expect(text).not.toMatch(/npm (install|i) doorbell/);
    expect(matches(text, /(doorbell-\d[\w.-]*tgz)/g).filter((each) => each !== tarball)).toEqual([]);
  }
});

test('the text before a block names the file that it is', () => {
  for (const name of PAGES)
    for (const file of filesOf(page(name))) {
      const before = page(name).split(` ${file.name}\n`)[0] ?? '';
      const said = before.split('```\n').at(-1);
      expect(said, `${file.name} of ${name}`).toContain(`\`${file.name}\``);
    }
});

test('two pages with a file of the same name have the same file, except for places', () => {
  const known = new Map<string, string>();
  for (const { name, text } of PAGES.flatMap((each) => filesOf(page(each)))) {
    if (/\.(sh|sql)$/.test(name)) continue;
    expect(text, name).toBe(known.get(name) ?? text);
    known.set(name, text);
  }
});

test('each page ends with its programs stopped', () => {
  for (const name of PAGES) expect(stepsOf(page(name)).map(({ kind }) => kind)).toContain('stop');
});
