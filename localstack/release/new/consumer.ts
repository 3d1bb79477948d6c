import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nameFault } from './name.ts';
import { agreementFile, agreementText, COMPOSE_FILE, codeName, composeText, partFile, partText } from './texts.ts';

/** A line in a list that exists: the import it needs, and the entry at the list's end. */
type Entry = { file: string; list: string; imported: string; entry: string };

/**
 * Makes the files of a new consumer in a project and lists it where consumers are listed. Returns the files, by their
 * paths from the project's root. Throws Error in words, before anything is written, if the name can't be had.
 */
export function newConsumer(name: string, project: string): string[] {
  const fault = nameFault(name) ?? placeFault(name, project);
  if (fault !== null) throw new Error(fault);
  const read = (file: string) => readFileSync(join(project, file), 'utf8');
  const made = [
    { file: agreementFile(name), text: agreementText(name) },
    { file: partFile(name), text: partText(name) },
    { file: COMPOSE_FILE, text: composeText(read(COMPOSE_FILE), name) },
    ...entriesOf(name).map((entry) => ({ file: entry.file, text: listed(read(entry.file), entry) })),
  ];
  for (const { file, text } of made) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), text);
  }
  const files = made.map(({ file }) => file);
  format(
    files.filter((file) => file.endsWith('.ts')),
    project,
  );
  return files;
}

/** A folder of `consumers/` that is no consumer is a room of the runtime; `all.ts` lists the agreements. */
function placeFault(name: string, project: string): string | null {
  const places = [agreementFile(name), `consumers/${name}`, `consumers/${name}.ts`];
  const taken = places.find((place) => existsSync(join(project, place)));
  return taken === undefined ? null : `"${name}" is taken: there is ${taken} already`;
}

function entriesOf(name: string): Entry[] {
  const own = codeName(name);
  const agreement = `${own}Agreement`;
  return [
    {
      file: 'contracts/shops/agreements/all.ts',
      list: 'agreements',
      imported: `import { ${agreement} } from './${name}.ts';`,
      entry: agreement,
    },
    {
      file: 'publisher/shops/sources/all.ts',
      list: 'sources',
      imported: `import { ${agreement} } from '../../../${agreementFile(name)}';`,
      entry: `defineSource(${agreement}, ({ name, region }) => ({ name, region }))`,
    },
    {
      file: 'consumers/all.ts',
      list: 'parts',
      imported: `import { ${own}Part } from './${name}/part.ts';`,
      entry: `${own}Part`,
    },
  ];
}

function listed(text: string, { file, list, imported, entry }: Entry): string {
  const whole = new RegExp(`(export const ${list}\\b.* = \\[[\\s\\S]*?),?\\s*(\\](?: as const)?;)`);
  if (!whole.test(text)) throw new Error(`${file} has no list of ${list} that a consumer could be put into`);
  return `${imported}\n${text.replace(whole, (_, before: string, end: string) => `${before}, ${entry}${end}`)}`;
}

/** Puts imports in order and breaks long lines, as `npm run fix` does. */
function format(files: readonly string[], project: string): void {
  const biome = createRequire(join(project, 'package.json')).resolve('@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'check', '--write', ...files], { cwd: project, stdio: 'pipe' });
}
