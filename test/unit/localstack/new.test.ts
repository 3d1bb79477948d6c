import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { newConsumer } from '../../../localstack/release/new/consumer.ts';
import { agreementText, COMPOSE_FILE, partText } from '../../../localstack/release/new/texts.ts';
import { textOf as documentOf, root } from '../../support/sources.ts';

const project = mkdtempSync(join(tmpdir(), 'doorbell-new-'));
const lists = ['contracts/shops/agreements/all.ts', 'publisher/shops/sources/all.ts', 'consumers/all.ts'];
const textOf = (file: string) => readFileSync(join(project, file), 'utf8');
const made = () =>
  readdirSync(project, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts'));

/** Only what the command looks at: the lists, and the settings of the formatter. */
beforeAll(() => {
  for (const file of [...lists, COMPOSE_FILE, 'consumers/query/app.ts', 'package.json', '.biome.json', '.gitignore'])
    cpSync(join(root, file), join(project, file));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('a new consumer', () => {
  test.each([
    ['Press', 'is not lower-case kebab'],
    ['press_room', 'is not lower-case kebab'],
    ['press-', 'is not lower-case kebab'],
    ['2nd-press', 'is not lower-case kebab'],
    ['p'.repeat(41), 'has 41 letters; 40 is the most'],
    [agreements[0].name, 'is taken: there is an agreement of it'],
    ['all', 'is taken: there is contracts/shops/agreements/all.ts already'],
    ['query', 'is taken: there is consumers/query already'],
    ['new', 'is a reserved word of JavaScript'],
    ['shops', 'is reserved: the publisher itself answers at /shops'],
    ['publisher', 'is reserved: DOORBELL_PUBLISHER_PORT is the port of another side'],
    [`${agreements[0].name}-queries`, 'is reserved: two resources'],
    [`${agreements[0].name}-dead`, 'is reserved: '],
  ])('may not be called %s, and nothing is written', (name, why) => {
    const before = [made(), lists.map(textOf)];
    expect(() => newConsumer(name, project)).toThrow(`"${name}" ${why}`);
    expect([made(), lists.map(textOf)]).toEqual(before);
  });

  test('is listed wherever consumers are, in the form that the linter asks for', () => {
    const files = newConsumer('a-night-press', project);
    expect(files).toEqual([
      'contracts/shops/agreements/a-night-press.ts',
      'consumers/a-night-press/part.ts',
      COMPOSE_FILE,
      ...lists,
    ]);
    const { services, volumes } = parse(textOf(COMPOSE_FILE), { merge: true });
    expect(services['a-night-press']).toMatchObject({
      env_file: [{ path: '../../.env.a-night-press' }],
      ports: [`127.0.0.1:${3001 + agreements.length}:3001`],
      read_only: true,
    });
    expect(volumes).toHaveProperty('a-night-press');
    expect(textOf('contracts/shops/agreements/a-night-press.ts')).toContain("path: '/a-night-press/shops'");
    expect(textOf('contracts/shops/agreements/all.ts')).toMatch(
      /^import \{ aNightPressAgreement \}.*\nimport \{ adAgreement \}/m,
    );
    expect(textOf('publisher/shops/sources/all.ts')).toContain('  defineSource(aNightPressAgreement, (');
    expect(textOf('consumers/all.ts')).toMatch(/parts.*, aNightPressPart\];/);
    expect(() => newConsumer('a-night-press', project)).toThrow('is taken: there is');
  });

  test('finds room when a list has grown over several lines', () => {
    const names = ['press-of-the-east', 'press-of-the-west', 'press-of-the-north', 'press-of-the-south'];
    for (const name of names) newConsumer(name, project);
    expect(textOf('consumers/all.ts')).toMatch(/\n {2}pressOfTheNorthPart,\n {2}pressOfTheSouthPart,\n\];/);
  });

  test('is the one that CONTRIBUTING shows', () => {
    const [, recipe = ''] = documentOf('CONTRIBUTING.md').split('## Adding a consumer');
    const shown = [...recipe.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
    expect(agreementText('press')).toContain(shown[0]);
    expect(partText('press')).toContain(shown[1]);
  });
});
