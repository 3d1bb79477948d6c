import { describe, expect, test } from 'vitest';
import { projectFiles, textOf } from '../support/sources.ts';

const files = projectFiles(/^(contracts|publisher|consumers|localstack)\/.*\.ts$/);
const EXPORT = /^export (?:async )?(?:function|const|type|class) (\w+)/gm;
const exports = files.flatMap((file) =>
  [...textOf(file).matchAll(EXPORT)].map(([, name = '']) => [file, name] as const),
);
const exported = new Set(exports.map(([, name]) => name));
const rows = [...textOf('docs/glossary.md').matchAll(/^\| ([a-zA-Z ]+?) +\| .+? \| `(\w+)` +\|$/gm)];

/** Words of before, and what is said now. */
const FORMER: Record<string, string> = {
  desk: 'scheduler',
  ticket: 'pending',
  inbox: 'triage',
  slots: 'semaphore',
  healer: 'sweeper',
  visit: 'refresh request',
  sortout: 'resolve',
  lanes: 'channels',
  troubles: 'faults',
};

/** Names that publisher and consumers share, since neither imports the other; `Owner` is a schema and its type. */
const TWINS = new Set([
  ...['Clock', 'systemClock', 'isDoneWithin', 'Outside', 'kept', 'Listening', 'PortTaken', 'listen', 'KEEP_ALIVE'],
  ...['logConsole', 'logLine', 'readConfig', 'readVariables', 'Ring', 'Owner', 'EventMeta'],
  // The package's root loads it late.
  'startConsumer',
]);

/** The names that more than one file exports. */
const twice = (all: readonly (readonly [file: string, name: string])[]): string[] => {
  const places = Map.groupBy(all, ([, name]) => name);
  return [...places].flatMap(([name, found]) => (new Set(found.map(([file]) => file)).size > 1 ? [name] : []));
};

/** Words of an identifier, in small letters and together: `createDeskLimits` has desk. */
const has = (name: string, word: string) =>
  name
    .replace(/[^a-z]/gi, '')
    .toLowerCase()
    .includes(word);

describe('the glossary', () => {
  test('has at most forty words, each once, and each stands for an export that is there', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.length).toBeLessThanOrEqual(40);
    expect(new Set(rows.map(([, word]) => word)).size).toBe(rows.length);
    expect(rows.map(([, , name = '']) => name).filter((name) => !exported.has(name))).toEqual([]);
  });

  test('one name is one thing: two files export the same one only where the sides mirror each other', () => {
    expect(twice(exports).filter((name) => !TWINS.has(name))).toEqual([]);
    expect([...TWINS].filter((name) => !twice(exports).includes(name))).toEqual([]);
    const planted = [['contracts/compare/difference.ts', 'Place'] as const];
    expect(twice([...exports, ...planted]).filter((name) => !TWINS.has(name))).toEqual(['Place']);
  });

  test.each(Object.entries(FORMER))('"%s" is not said any more: it is %s', (word) => {
    expect([...exported].filter((name) => has(name, word))).toEqual([]);
    expect(files.filter((file) => has(file.split('/').at(-1) ?? '', word))).toEqual([]);
  });

  test('what is for any domain exports no name with a shop in it', () => {
    const generic = files.filter((file) =>
      /^(contracts\/wire|publisher\/(source-api|brokers|http|postgres|outbox|relay|feed)|consumers\/(runtime|stores|brokers|query|lambda))\//.test(
        file,
      ),
    );
    const names = exports.filter(([file]) => generic.includes(file)).map(([, name]) => name);
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => has(name, 'shop'))).toEqual([]);
  });
});
