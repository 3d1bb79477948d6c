import { importsOf, projectFiles } from './sources.ts';

/** Which file imports which, types too: paths from the root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** The imports of all code outside tests. */
export function projectImports(): Imports {
  const files = projectFiles(/^(contracts|publisher|consumers|localstack)\/.*\.ts$/);
  return new Map(files.map((file) => [file, importsOf(file).filter((each) => each.endsWith('.ts'))]));
}

/** One circle in a graph for each place that is in one, as `a → b → a`; none where the graph has no circle. */
export function circlesIn(graph: ReadonlyMap<string, Iterable<string>>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) circles.push([...way.slice(way.indexOf(node)), node].join(' → '));
    if (done.has(node) || way.includes(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...way, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return circles;
}

/**
 * The rooms of a folder and which of them needs which: its subfolders, each as a whole, and its loose files. An import
 * counts in the folder that both ends share.
 */
export function roomsByFolder(imports: Imports): Map<string, Map<string, Set<string>>> {
  const folders = new Map<string, Map<string, Set<string>>>();
  for (const [from, targets] of imports)
    for (const to of targets) {
      const [left, right] = [from.split('/'), to.split('/')];
      let depth = 0;
      while (left[depth] === right[depth] && depth < left.length - 1) depth++;
      const folder = left.slice(0, depth).join('/') || '.';
      const rooms = folders.get(folder) ?? new Map<string, Set<string>>();
      folders.set(folder, rooms);
      const room = left[depth] ?? '';
      rooms.set(room, (rooms.get(room) ?? new Set()).add(right[depth] ?? ''));
    }
  return folders;
}

/** Circles between the rooms of any folder, with the folder in front. */
export function circlesOfRooms(imports: Imports): string[] {
  return [...roomsByFolder(imports)].flatMap(([folder, rooms]) =>
    circlesIn(rooms).map((circle) => `${folder}: ${circle}`),
  );
}

/** Imports that lead from a room into one it must not know, as `from → to`. */
export function breaches(
  imports: Imports,
  isFrom: RegExp,
  isForbidden: (to: string, from: string) => boolean,
): string[] {
  return [...imports].flatMap(([from, targets]) =>
    isFrom.test(from) ? targets.filter((to) => isForbidden(to, from)).map((to) => `${from} → ${to}`) : [],
  );
}

/** Every file that a file leads to by its imports, itself included. */
export function reached(imports: Imports, file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const next of imports.get(file) ?? []) reached(imports, next, seen);
  return seen;
}
