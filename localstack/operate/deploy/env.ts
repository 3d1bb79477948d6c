/** An output of a stack: its name, the variable that takes it, and the owner of the variable. */
type Declared = { output: string; variable: string | null; of: string };

/** Variables of the publisher or of one consumer, as text of a file. */
export type EnvFile = { of: string; text: string };

/**
 * Turns the outputs of a stack into variables: one file for the publisher and one for each consumer, because the
 * variable for a queue has the same name in each. An output without a variable becomes a comment. Pure.
 */
export function envFiles(declared: readonly Declared[], outputs: Readonly<Record<string, string>>): EnvFile[] {
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

/** Adds the variables of the AWS SDK: the region, which every ARN names, and the endpoint of a stand-in. Pure. */
export function placed(files: readonly EnvFile[], endpoint: string | null): EnvFile[] {
  const [, region] = /\barn:[\w-]+:sns:([\w-]+):/.exec(envText(files)) ?? [];
  const lines = [
    ...(region === undefined ? [] : [`AWS_REGION=${region}`]),
    ...(endpoint === null ? [] : [`AWS_ENDPOINT_URL=${endpoint}`]),
  ];
  return files.map(({ of, text }) => ({ of, text: [text, ...lines].join('\n') }));
}

/** Joins the files into one text. Pure. */
export function envText(files: readonly EnvFile[]): string {
  return files.map(({ of, text }) => `# ${of}\n${text}`).join('\n\n');
}

/** Renews the variables of the stack in a file. Lines that an operator added, such as a password, stay. Pure. */
export function renewedEnv(before: string, text: string): string {
  const nameOf = (line: string) => /^(?:#\s*)?(\w+)\s*[=:]/.exec(line)?.[1];
  const ours = new Set(text.split('\n').map(nameOf));
  // A byte order mark may only stand at the beginning of a file, and our own text stands there now.
  const kept = before
    .replace(/^\ufeff/, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !ours.has(nameOf(line) ?? ''));
  return [text, ...kept].join('\n');
}
