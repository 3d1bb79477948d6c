import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Manifest = { exports: Record<string, { types: string }> };

/** The types that an installed package declares to others, by the name to import them by; without comments and imports. */
export function publicTypes(installed: string): string {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.entries(exports).map(([name, { types }]) => [name, join(installed, types)] as const);
  return entries.map(([name, file]) => `── ${name}\n${entryTypes(file)}\n`).join('\n');
}

const REEXPORT = /^export (?:type )?\{ ([^}]+) \} from '([^']+)';$/gm;

/** What an entry declares itself, and then what it passes on from other files. */
function entryTypes(file: string): string {
  const text = readFileSync(file, 'utf8');
  const passedOn = [...text.matchAll(REEXPORT)].flatMap(([, names = '', from = '']) => {
    const declared = declarationsIn(readFileSync(join(dirname(file), from.replace(/\.ts$/, '.d.ts')), 'utf8'));
    const wanted = names.split(', ').map((name) => name.replace('type ', ''));
    return declared.split('\n').filter((line) => wanted.some((name) => declares(line, name)));
  });
  return [declarationsIn(text.replace(REEXPORT, '')), ...passedOn].filter((line) => line !== '').join('\n');
}

const declares = (line: string, name: string) => new RegExp(`^export (declare )?\\w+ ${name}\\b`).test(line);

/** A declaration is a line: what changes is seen in one place. */
function declarationsIn(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\/\/.*$/gm, '')
    .replace(/^(import .*|export \{\};)$/gm, '')
    .trim()
    .replace(/\s*\n\s*(?!\s|(?:export|declare|type|interface) )/g, ' ');
}
