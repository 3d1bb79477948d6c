import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { consumersOf } from '../../../contracts/wire/agreement.ts';

/** The project's folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A function by its name, and the program it is: what it imports is what goes into its bundle. */
export type FunctionSource = { name: string; program: string };

/** Every function there is: three of the publisher, and two of each consumer. */
export function functionSources(): FunctionSource[] {
  return [...publisherFunctions(), ...consumersOf(agreements).flatMap(({ name }) => consumerFunctions(name))];
}

function publisherFunctions(): FunctionSource[] {
  return [
    { name: 'publisher-api', program: publisherProgram('apiFunction()') },
    { name: 'publisher-relay', program: publisherProgram('relayFunction()') },
    { name: 'publisher-migrate', program: migrateProgram() },
  ];
}

function publisherProgram(made: string): string {
  const [maker = ''] = made.split('(');
  return `${importing(maker, './publisher/lambda.ts')}export const handler = ${made};\n`;
}

/** A function has no folder of SQL files to read: their texts are part of it. */
function migrateProgram(): string {
  const names = readdirSync(join(root, 'publisher/shops/store/sql')).filter((name) => name.endsWith('.sql'));
  const imports = names.map((name, n) => importing(`default as sql${n}`, `./publisher/shops/store/sql/${name}`));
  const files = names.map((name, n) => `{ name: '${name}', text: sql${n} }`);
  return imports.join('') + publisherProgram(`migrateFunction([${files.join(', ')}])`);
}

/**
 * A consumer whose indexes have a file of their own is taken apart: its part holds its documents, too, and with them all
 * of zod (413 KB). Of any other the whole part goes in.
 */
function consumerFunctions(name: string): FunctionSource[] {
  const own = camelCase(name);
  const folder = `./consumers/${name}`;
  const isApart = existsSync(join(root, folder, 'indexes.ts'));
  const whole = importing(`${own}Part as part`, `${folder}/part.ts`);
  const indexes = importing(`${own}Indexes as indexes`, `${folder}/indexes.ts`);
  const consumer = importing(`${own} as consumer`, `${folder}/consumer.ts`);
  const queryApi = importing(`${own}QueryApi as queryApi`, `${folder}/query-api.ts`);
  const handler = isApart ? `${consumer}${indexes}const part = { consumer, indexes };\n` : whole;
  const queries = isApart ? `${queryApi}${indexes}const part = { queryApi, indexes };\n` : whole;
  return [
    { name, program: consumerProgram('sqsFunction', './consumers/lambda.ts', handler) },
    { name: `${name}-queries`, program: consumerProgram('queriesFunction', './consumers/lambda-queries.ts', queries) },
  ];
}

function consumerProgram(maker: string, file: string, part: string): string {
  return `${importing(maker, file)}${part}export const handler = ${maker}(part);\n`;
}

const importing = (names: string, file: string) => `import { ${names} } from ${JSON.stringify(file)};\n`;

const camelCase = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
