import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, textOf } from '../support/sources.ts';
import { linesOf, stepsOf } from './tutorials/page.ts';
import { newMachine } from './tutorials/project.ts';

const pageOf = (name: string) => stepsOf(textOf(`docs/tutorials/${name}.md`));

/** As a team checks its types; the packages with types of others are not on the page. */
const TYPES = `
npm install --no-save @types/express@5 @types/node@24 @types/pg@8
node ${root}/node_modules/typescript/bin/tsc --module nodenext --target es2024 --strict --noEmit --skipLibCheck \\
  --allowImportingTsExtensions --types node *.ts
`;

/** 10 minutes: each page installs the package and its dependencies from a registry. */
const MINUTES = { timeout: 600_000 };

/** What a page says of itself, by the words before it. */
const toldIn = (page: string, words: RegExp) => Number(words.exec(textOf(`docs/tutorials/${page}.md`))?.[1]);

/** One machine for all pages, in the order of the documents, as one reader has it. */
let machine: Awaited<ReturnType<typeof newMachine>>;
beforeAll(async () => {
  machine = await newMachine();
}, MINUTES.timeout);
afterAll(() => machine.remove());

test('a service of products rings, and a label follows', MINUTES, async () => {
  const page = 'ring-from-your-own-service';
  const steps = pageOf(page);
  expect(linesOf(steps)).toBe(toldIn(page, /(\d+) lines/));
  expect(linesOf(steps)).toBeLessThan(60);
  const { follow, run } = machine.open('shop');
  await follow(steps);
  await run(TYPES);
});

test('a table of a service in Python rings by triggers, and a label follows', MINUTES, async () => {
  const { follow, run } = machine.open('market');
  await follow(pageOf('from-any-language'));
  await run(TYPES);
});

test(
  'a consumer of another team follows in the folder of the first page, with a queue of its own',
  MINUTES,
  async () => {
    const { follow, run } = machine.open('shop');
    await follow(pageOf('a-consumer-of-your-own'));
    await run(TYPES);
  },
);
