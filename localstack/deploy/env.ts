import type { Output } from '../template/outputs.ts';

/** One side's variables, as a file takes them. */
export type EnvFile = { of: string; text: string };

/**
 * What the outputs of a stack are to publisher and consumers, a file for each of them: two consumers each have a queue, and
 * the variable has one name. An output that is nobody's variable is a comment. Pure.
 */
export function envFiles(
  declared: readonly Pick<Output, 'output' | 'variable' | 'of'>[],
  outputs: Readonly<Record<string, string>>,
): EnvFile[] {
  const sides = Map.groupBy(
    declared.filter(({ output }) => outputs[output] !== undefined),
    ({ of }) => of,
  );
  return [...sides].map(([of, variables]) => ({
    of,
    text: variables
      .map(({ variable, output }) => ({ variable, output, value: outputs[output] ?? '' }))
      .map(({ variable, output, value }) => (variable === null ? `# ${output}: ${value}` : `${variable}=${value}`))
      .join('\n'),
  }));
}

/** All of them one after the other, for people and for `--of`. */
export function envText(files: readonly EnvFile[]): string {
  return files.map(({ of, text }) => `# ${of}\n${text}`).join('\n\n');
}
