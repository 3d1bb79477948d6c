import type { Output } from '../../infrastructure/template/outputs.ts';

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

/** With what the AWS SDK of each process must know: the region, which every ARN names, and where a stand-in is. Pure. */
export function placed(files: readonly EnvFile[], endpoint: string | null): EnvFile[] {
  const [, region] = /\barn:[\w-]+:sns:([\w-]+):/.exec(envText(files)) ?? [];
  const lines = [
    ...(region === undefined ? [] : [`AWS_REGION=${region}`]),
    ...(endpoint === null ? [] : [`AWS_ENDPOINT_URL=${endpoint}`]),
  ];
  return files.map(({ of, text }) => ({ of, text: [text, ...lines].join('\n') }));
}

/** All of them one after the other, for people and for `--of`. */
export function envText(files: readonly EnvFile[]): string {
  return files.map(({ of, text }) => `# ${of}\n${text}`).join('\n\n');
}

/**
 * A file of before with what the stack says now: what somebody added, a password or a token that stands nowhere else, stays. Pure.
 */
export function renewedEnv(before: string, text: string): string {
  const nameOf = (line: string) => /^(?:#\s*)?(\w+)\s*[=:]/.exec(line)?.[1];
  const ours = new Set(text.split('\n').map(nameOf));
  // A byte order mark belongs to the beginning of a file, which is ours now.
  const kept = before
    .replace(/^\ufeff/, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !ours.has(nameOf(line) ?? ''));
  return [text, ...kept].join('\n');
}
