import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAgreements } from '../../../localstack/operate/agreements-file.ts';
import { temporaryFolder } from '../../support/hostile-shell.ts';

const PRODUCTS = 'test/support/product-agreements.ts';

/** Writes a module into a folder of its own. */
function moduleOf(text: string): string {
  const file = join(temporaryFolder(), 'agreements.ts');
  writeFileSync(file, text);
  return file;
}

test('agreements are found by themselves, in lists and in consumers, each once', async () => {
  const { agreements, consumers } = await readAgreements(PRODUCTS);
  expect(agreements.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual([
    'search@1',
    'search@2',
    'stock@1',
  ]);
  expect(consumers.map(({ agreement }) => agreement.name)).toEqual(['stock']);
});

const terms = `version: 1, wakesOn: ['product.added'], resource: { _zod: {} }`;

test.each([
  ['export const press = { name: 1 };', 'it exports no agreement, only press. See defineAgreement.'],
  ['export {};', 'it exports no agreement. See defineAgreement.'],
  ['throw new Error("the shelf is empty");', "it can't be imported: the shelf is empty"],
  [`export const a = { name: 'Search', path: '/a', ${terms} };`, 'agreement "Search": name: lower-case letters'],
  [
    `export const a = { name: 'a', path: '/a', ${terms} }; export const b = { name: 'b', path: '/a', ${terms} };`,
    'The agreements a@1 and b@1 have one path, /a',
  ],
])('%s is refused in words that name the file', async (text, reason) => {
  const file = moduleOf(text);
  await expect(readAgreements(file)).rejects.toThrow(`--agreements ${file}: ${reason}`);
});

test('a file that is not there is said to be missing', async () => {
  await expect(readAgreements('nowhere.ts')).rejects.toThrow('--agreements nowhere.ts: there is no such file');
});
