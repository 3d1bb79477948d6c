import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { textOf } from '../../support/sources.ts';

/** What a file loads as soon as it is loaded itself: no types, and nothing that waits for a command. */
function loadedBy(file: string): string[] {
  const imports = textOf(file).matchAll(/^(?:import|export)(?! type)[^;]*?from '(\.[^']+)'/gm);
  return [...imports].map(([, specifier = '']) => normalize(join(dirname(file), specifier)));
}

function allLoadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const next of loadedBy(file)) allLoadedBy(next, seen);
  return seen;
}

test('only the commands that deploy and the doctor load six more clients of AWS', () => {
  for (const program of ['localstack/operate/main.ts', 'localstack/start/main.ts']) {
    const loaded = allLoadedBy(program);
    expect(loaded.size).toBeGreaterThan(30);
    expect(
      [...loaded].filter(
        (file) => file === 'localstack/infrastructure/aws/more.ts' || /template\/template\.ts$/.test(file),
      ),
    ).toEqual([]);
  }
  expect(allLoadedBy('localstack/operate/deploy/services.ts')).toContain('localstack/infrastructure/aws/more.ts');
});
