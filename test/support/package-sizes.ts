import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Size of one export: own files, and the packages that it loads, with everything that these depend on. */
export type ExportSize = { name: string; files: number; kilobytes: number; needs: string[]; megabytes: number };

type Manifest = {
  exports: Record<string, { default: string }>;
  dependencies?: Record<string, string>;
};

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Measures each export of an installed package. Other packages are looked for in `modules`. */
export function exportSizes(installed: string, modules: string): ExportSize[] {
  return Object.entries(manifestOf(installed).exports).map(([name, entry]) => {
    const { files, packages } = loadedBy(normalize(join(installed, entry.default)));
    const needs = [...packages].toSorted();
    const bytes = [...files].reduce((sum, file) => sum + statSync(file).size, 0);
    const folders = needs.reduce((seen, each) => withDependencies(each, modules, modules, seen), new Set<string>());
    const megabytes = [...folders].reduce((sum, folder) => sum + bytesIn(folder), 0) / 1e6;
    return { name: `doorbell${name.slice(1)}`, files: files.size, kilobytes: bytes / 1e3, needs, megabytes };
  });
}

/** Writes sizes as the rows of a Markdown table. */
export const sizeRows = (sizes: readonly ExportSize[]): string[] =>
  sizes.map(({ name, files, kilobytes, needs, megabytes }) => {
    const packages = needs.map((each) => `${each}${each.startsWith('@aws-sdk/') ? '*' : ''}`).join(', ') || 'nothing';
    return `| \`${name}\` | ${files} | ${kilobytes.toFixed(0)} | ${packages} | ${megabytes.toFixed(1)} |`;
  });

/** The files that an entry loads, late ones too, and the packages. */
function loadedBy(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files)
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      const [, name = ''] = /^((?:@[^/]+\/)?[^/:]+)(?:\/|$)/.exec(specifier) ?? [];
      if (specifier.startsWith('.')) files.add(normalize(join(dirname(file), specifier)));
      else if (name !== '') packages.add(name);
    }
  return { files, packages };
}

/** Adds the folder of a package, and those of the packages that it depends on. */
function withDependencies(name: string, from: string, modules: string, seen: Set<string>): Set<string> {
  const folder = [join(from, 'node_modules', name), join(modules, name)].find((each) => isFolder(each));
  if (folder === undefined || seen.has(folder)) return seen;
  seen.add(folder);
  for (const each of Object.keys(manifestOf(folder).dependencies ?? {})) withDependencies(each, folder, modules, seen);
  return seen;
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Bytes of a package, without the packages inside it. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, each) => {
      const path = join(folder, each.name);
      return sum + (each.isDirectory() ? bytesIn(path) : statSync(path).size);
    }, 0);
}
