import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { consumersOf } from '../../../contracts/wire/agreement.ts';

/** The folder of the project. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A function: its name, and the text of its program. The bundle holds everything that the program imports. */
export type FunctionSource = { name: string; program: string };

/** Lists every function: three of the publisher, and two of each consumer. */
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

/**
 * Writes the program of the migrations, with the texts of all SQL files: a function has no folder to read them from.
 */
function migrateProgram(): string {
  const names = readdirSync(join(root, 'publisher/shops/store/sql')).filter((name) => name.endsWith('.sql'));
  const imports = names.map((name, n) => importing(`default as sql${n}`, `./publisher/shops/store/sql/${name}`));
  const files = names.map((name, n) => `{ name: '${name}', text: sql${n} }`);
  return imports.join('') + publisherProgram(`migrateFunction([${files.join(', ')}])`);
}

/**
 * Lists the two functions of a consumer. If its indexes are in their own file, only the needed files are imported:
 * the whole part also holds its documents, and with them all of zod (413 KB). Otherwise the whole part is imported.
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
