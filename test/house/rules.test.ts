import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { importsOf, projectFiles, root, textOf } from '../support/sources.ts';

const code = projectFiles(/^(contracts|publisher|consumers|localstack)\/.*\.ts$/);

/** What each folder may import besides itself. */
const below: Record<string, string[]> = {
  contracts: [],
  publisher: ['contracts'],
  consumers: ['contracts'],
  localstack: ['contracts', 'publisher', 'consumers'],
};

const roomOf = (file: string) => file.split('/')[0] ?? '';
/** The folders of consumers: each has a part. */
const consumers = code.flatMap((file) => /^(consumers\/.+)\/part\.ts$/.exec(file)?.[1] ?? []);
const consumerOf = (file: string) => consumers.find((folder) => file.startsWith(`${folder}/`)) ?? null;

const isOurs = (file: string) => file.endsWith('.ts');

describe('the house', () => {
  test('has the rooms of the card and no other', () => {
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const seen = folders.map(({ name }) => name).filter((name) => !name.startsWith('.') && name !== 'node_modules');
    expect(seen.toSorted()).toEqual(['consumers', 'contracts', 'docs', 'localstack', 'publisher', 'test']);
  });

  test('imports go one way', () => {
    const wrong = code.flatMap((file) => {
      const may = [roomOf(file), ...(below[roomOf(file)] ?? [])];
      return importsOf(file)
        .filter(isOurs)
        .filter((imported) => !may.includes(roomOf(imported)))
        .map((imported) => `${file} → ${imported}`);
    });
    expect(code.length).toBeGreaterThan(80);
    expect(wrong).toEqual([]);
  });

  test('one consumer does not import another, whatever their names', () => {
    const wrong = code.flatMap((file) =>
      importsOf(file)
        .filter((imported) => consumerOf(file) !== null && consumerOf(imported) !== null)
        .filter((imported) => consumerOf(imported) !== consumerOf(file))
        .map((imported) => `${file} → ${imported}`),
    );
    expect(consumers.length).toBeGreaterThan(1);
    expect(wrong).toEqual([]);
  });

  test('contracts does no I/O', () => {
    const packages = projectFiles(/^contracts\/.*\.ts$/)
      .flatMap(importsOf)
      .filter((name) => !isOurs(name));
    expect([...new Set(packages)].toSorted()).toEqual([
      'hono',
      'hono/http-exception',
      'hono/utils/http-status',
      // Hashing is arithmetic.
      'node:crypto',
      'zod/mini',
      'zod/v4/locales/en.js',
    ]);
  });

  test('the AWS SDK is imported in one file a side and client', () => {
    const files = code.filter((file) => importsOf(file).some((name) => name.startsWith('@aws-sdk/')));
    expect(files.toSorted()).toEqual([
      'consumers/brokers/sqs/sdk.ts',
      'consumers/stores/dynamodb/sdk.ts',
      'localstack/infrastructure/aws.ts',
      // Five more clients, for the commands that deploy and look after what is deployed: no other command loads them.
      'localstack/infrastructure/aws/more.ts',
      'publisher/brokers/sns.ts',
      'publisher/secrets.ts',
    ]);
  });

  test("PostgreSQL's client is imported in one file, which makes sure that it is the one in JavaScript", () => {
    const imports = code.filter((file) => /^import pg from 'pg'|^import \{[^}]*\} from 'pg'/m.test(textOf(file)));
    expect(imports).toEqual(['publisher/postgres/pg.ts']);
  });

  test('time and chance are asked for in one file a side', () => {
    const asking =
      /\bDate\.now\b|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\bMath\.random\b|AbortSignal\.timeout|timers\/promises|performance\.now/;
    const files = code
      .filter((file) => /^(contracts|publisher|consumers)\//.test(file))
      .filter((file) => asking.test(textOf(file)));
    expect(files.toSorted()).toEqual(['consumers/runtime/system.ts', 'publisher/system.ts']);
  });

  /** Files whose statements name the tables of a log: constants of our code, or names that were checked or quoted. */
  const namesOfTables = [
    ...['announce', 'slot', 'table-log'].map((name) => `publisher/relay/${name}.ts`),
    'publisher/feed/feed-log.ts',
    ...['migrations', 'read-buckets'].map((name) => `publisher/postgres/${name}.ts`),
    ...[
      'migrate',
      'outbox-log',
      'resource-log',
      'rights-sql',
      'ring',
      'ring-resources',
      'tables-sql',
      'watch-sql',
      'watch',
    ].map((name) => `publisher/outbox/${name}.ts`),
  ];

  test('no statement is assembled from what came in', () => {
    const assembled = code.flatMap((file) =>
      [
        ...textOf(file).matchAll(
          /`\s*(?:select|insert|update|delete|with|create|alter|drop|grant|set)\b[^`]*\$\{(\w+)[^`]*`/g,
        ),
      ].map(([, inserted]) => `${file}: ${inserted}`),
    );
    const ofNames = (line: string) => namesOfTables.some((file) => line.startsWith(`${file}: `));
    // Columns of an index, which a consumer's own code names; the values of a query are bound.
    expect(assembled.filter((line) => !ofNames(line))).toEqual([
      'consumers/stores/sqlite/query.ts: where',
      'consumers/stores/sqlite/schema.ts: name',
    ]);
  });

  test('no statement of SQLite has numbered parameters, which Node 22 does not bind by their order', () => {
    const numbered = /\(\?\d|= \?\d|[(, ]\?\d+[,) ]/;
    expect('where id = ?1').toMatch(numbered);
    const stores = code.filter((file) => file.startsWith('consumers/stores/sqlite/'));
    expect(stores.filter((file) => numbered.test(textOf(file)))).toEqual([]);
  });

  test('who comes in is asked in one place, which compares in constant time', () => {
    const publisher = projectFiles(/^publisher\/.*\.ts$/);
    expect(publisher.filter((file) => /'authorization'/i.test(textOf(file)))).toEqual(['publisher/http/token.ts']);
    expect(textOf('publisher/http/token.ts')).toContain('timingSafeEqual(each, digest)');
    expect(textOf('publisher/http/token.ts')).not.toMatch(/\b(token|digest|each) === (?!'')/);
  });

  test('no file has grown past 250 lines', () => {
    const files = projectFiles(/\.(ts|sql)$/);
    const grown = files
      .map((file) => ({ file, lines: textOf(file).split('\n').length }))
      .filter(({ lines }) => lines > 250);
    expect(grown).toEqual([]);
  });

  test('every export says what it is', () => {
    const silent = code.flatMap((file) =>
      [...textOf(file).matchAll(/(^.*\n)export (?:async )?(?:type|const|function|class) (\w+)/gm)]
        // A type of the same name as the schema above it needs no second sentence.
        .filter(([, before = '']) => !before.trimEnd().endsWith('*/') && !before.startsWith('// biome-ignore'))
        .filter(([, , name]) => !textOf(file).includes(`export type ${name} = z.output<typeof ${name}>`))
        .map(([, , name]) => `${file}: ${name}`),
    );
    expect(silent).toEqual([]);
  });

  test('nothing is exported by default, and no any slips in unexplained', () => {
    const files = projectFiles(/\.ts$/).filter((file) => !file.endsWith('.config.ts'));
    expect(files.filter((file) => /^export default/m.test(textOf(file)))).toEqual([]);
    const ignores = files.flatMap((file) => textOf(file).match(/biome-ignore \S+(?!:? ?\S*: \S)/g) ?? []);
    expect(ignores.filter((line) => !line.includes(':'))).toEqual([]);
  });

  test('actions of workflows are pinned by commit, each with its version', () => {
    const used = projectFiles(/^\.github\/workflows\//).flatMap((file) => textOf(file).match(/\buses: .*/g) ?? []);
    expect(used.filter((line) => !/^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
    expect(used.length).toBeGreaterThan(2);
  });

  test('no registry and no folder of a machine is named', () => {
    const files = projectFiles(/\.(ts|json|md|yml|yaml|npmrc)$|^\.ci\//);
    const named = files.filter((file) => /registry\.npmjs|"resolved": "http|\/work\/main|\/root\//.test(textOf(file)));
    expect(named.filter((file) => !['test/house/rules.test.ts'].includes(file))).toEqual([]);
  });
});
