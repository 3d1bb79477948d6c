import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Manifest = { exports: Record<string, { types: string }> };

/** The types that an installed package declares to others, by the name to import them by; without comments and imports. */
export function publicTypes(installed: string): string {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.entries(exports).map(([name, { types }]) => [name, join(installed, types)] as const);
  return entries.map(([name, file]) => `── ${name}\n${declarationsIn(readFileSync(file, 'utf8'))}\n`).join('\n');
}

/** A declaration is a line: what changes is seen in one place. */
function declarationsIn(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^(import .*|export \{\};)$/gm, '')
    .trim()
    .replace(/\s*\n\s*(?!\s|(?:export|declare|type|interface) )/g, ' ');
}
