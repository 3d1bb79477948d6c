/**
 * Finds the known name that a misspelt one is nearest to, or null where none is near. At most a third of its letters
 * may differ.
 */
export function nearestOf(name: string, known: readonly string[]): string | null {
  const [best] = known
    .map((each) => ({ each, apart: distance(name, each) }))
    .toSorted((one, other) => one.apart - other.apart);
  return best !== undefined && best.apart <= Math.max(1, Math.floor(name.length / 3)) ? best.each : null;
}

/**
 * Counts the letters to insert, remove, change or swap with a neighbour until both texts are equal (optimal string
 * alignment).
 */
export function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const at = (line: number[], place: number) => line[place] ?? Number.POSITIVE_INFINITY;
      next[column] = Math.min(
        at(last, column) + 1,
        at(next, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, next];
  }
  return last[other.length] ?? 0;
}
